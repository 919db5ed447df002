//! Stub.
use tokio_util::sync::CancellationToken;
/// M
#[derive(Debug)]
pub enum Mode {
    /// D
    Demo,
    /// D
    Daemon,
}
/// S
#[derive(Debug, Clone)]
pub struct Site;
impl Site {
    /// n
    pub fn new(_db: crate::db::Db, _clock: crate::clock::Clock, _mode: Mode) -> Self {
        Self
    }
}
/// s
pub async fn serve(_l: tokio::net::TcpListener, _s: Site, stop: CancellationToken) -> std::io::Result<()> {
    stop.cancelled().await;
    Ok(())
}
