//! The parent's side: starts a worker, asks it, ends it.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::child::{COMMAND, Hello};
use super::frame;

/// What a worker may use over its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Address space, bytes.
    pub memory: u64,
    /// Processor time, seconds: a backstop behind the caller's wall time.
    pub cpu_seconds: u64,
}

/// A running worker; it dies with this value.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    answered: u32,
}

impl Worker {
    /// Starts `program` as a worker for `task` and waits until it is ready, `within` this time.
    ///
    /// # Errors
    /// When the program does not start, knows no such task or does not become ready in time.
    pub async fn start(program: &Path, task: &str, limits: Limits, setup: &[u8], within: Duration) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(COMMAND).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.kill_on_drop(true).spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = pipes.ok_or_else(|| io::Error::other("the worker has no pipes"))?;
        let mut worker = Self { child, stdin, stdout, answered: 0 };
        let Limits { memory, cpu_seconds } = limits;
        let hello = serde_json::to_vec(&Hello { task: task.to_owned(), memory, cpu_seconds })?;
        let ready = async {
            worker.say(&hello).await?;
            worker.say(setup).await?;
            worker.hear().await
        };
        match tokio::time::timeout(within, ready).await {
            Ok(Ok(_)) => Ok(worker),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the worker does not answer")),
        }
    }

    /// The answer to one question. A worker that fails it is of no further use.
    ///
    /// # Errors
    /// When it dies, or says what no worker says.
    pub async fn ask(&mut self, question: &[u8]) -> io::Result<Vec<u8>> {
        self.say(question).await?;
        let answer = self.hear().await?;
        self.answered += 1;
        Ok(answer)
    }

    /// How many questions it has answered.
    pub const fn answered(&self) -> u32 {
        self.answered
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills it and waits for its end, so that nothing of it is left behind.
    pub async fn end(mut self) {
        let _ = self.child.kill().await;
    }

    async fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stdin.write_all(&frame::head(bytes.len())?).await?;
        self.stdin.write_all(bytes).await
    }

    async fn hear(&mut self) -> io::Result<Vec<u8>> {
        let mut head = [0; 4];
        self.stdout.read_exact(&mut head).await?;
        let mut bytes = vec![0; frame::length(head)?];
        self.stdout.read_exact(&mut bytes).await?;
        Ok(bytes)
    }
}
