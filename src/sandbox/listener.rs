//! Connections that can be cut: a fault must be able to end one without an answer, and an API may hang up after one
//! or when nothing comes.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep, sleep};

const LAST_ANSWER: u8 = 1;
const CUT: u8 = 2;

/// Ends one connection. Zero: it goes on.
#[derive(Clone, Default)]
pub(super) struct Cut(Arc<AtomicU8>);

impl Cut {
    /// Nothing that is written after it leaves the machine.
    pub(super) fn cut(&self) {
        self.0.store(CUT, Ordering::Release);
    }

    /// The answer that is written next is the last one.
    pub(super) fn after_answer(&self) {
        self.0.store(LAST_ANSWER, Ordering::Release);
    }
}

/// Accepts connections that carry their own [`Cut`].
pub(super) struct CuttableListener {
    pub(super) listener: TcpListener,
    /// How long a connection may be idle; none: for ever.
    pub(super) patience: Option<Duration>,
}

impl Listener for CuttableListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Small answers must not wait for a full packet; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let idle = self.patience.map(|patience| Idle { patience, since_answer: None });
        (Connection { stream, cut: Cut::default(), written: false, hung_up: false, idle, reader: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.io().cut.clone()
    }
}

/// The clock that runs from an answer to the next request.
struct Idle {
    patience: Duration,
    since_answer: Option<Pin<Box<Sleep>>>,
}

pub(super) struct Connection {
    stream: TcpStream,
    cut: Cut,
    /// Something was written since the last flush.
    written: bool,
    /// The last answer has left.
    hung_up: bool,
    idle: Option<Idle>,
    /// Whoever waits for the next request, and must hear that an answer has left.
    reader: Option<Waker>,
}

impl Connection {
    fn alive(&self) -> io::Result<()> {
        if self.cut.0.load(Ordering::Acquire) != CUT {
            return Ok(());
        }
        // The peer sees a reset rather than an orderly end.
        let _ = self.stream.set_zero_linger();
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// An answer has left: hang up if it was the last one, else wait for the next request, but not for ever.
    fn answered(&mut self) {
        self.hung_up = self.cut.0.load(Ordering::Acquire) == LAST_ANSWER;
        if let Some(idle) = &mut self.idle {
            match &mut idle.since_answer {
                Some(clock) => clock.as_mut().reset(Instant::now() + idle.patience),
                None => idle.since_answer = Some(Box::pin(sleep(idle.patience))),
            }
        }
        if let Some(reader) = self.reader.take().filter(|_| self.hung_up || self.idle.is_some()) {
            reader.wake();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.hung_up {
            // Reading the end of the stream makes the server close its side in order.
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.reader = read.is_pending().then(|| cx.waker().clone());
        if let Some(idle) = &mut self.idle
            && let Some(clock) = &mut idle.since_answer
        {
            match &read {
                Poll::Ready(_) => idle.since_answer = None,
                Poll::Pending => return clock.as_mut().poll(cx).map(Ok),
            }
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.alive()?;
        self.written = true;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if flushed.is_ready() && std::mem::take(&mut self.written) {
            self.answered();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.alive()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.alive()?;
        self.written = true;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
