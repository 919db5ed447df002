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
}
