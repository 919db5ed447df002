//! An address where nobody listens, and where nobody else can begin to while it is kept.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A port that is taken and refuses every connection.
pub struct Away {
    /// The address.
    pub addr: SocketAddr,
    /// Bound and not listening.
    _socket: TcpSocket,
}

impl Away {
    /// A free port of this machine.
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        Self { addr: socket.local_addr().expect("bound"), _socket: socket }
    }

    /// The port of somebody who has just gone, as soon as he has; in between another test could be given it.
    pub async fn instead_of(addr: SocketAddr) -> Self {
        loop {
            let socket = TcpSocket::new_v4().expect("a socket");
            // What is left of his connections is in nobody's way.
            socket.set_reuseaddr(true).expect("a socket's option");
            if socket.bind(addr).is_ok() {
                return Self { addr, _socket: socket };
            }
            tokio::task::yield_now().await;
        }
    }
}
