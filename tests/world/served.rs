//! An HTTP server on loopback with a thread of its own, so that a story may block its thread with a process.

use std::net::TcpListener;
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use tokio::sync::oneshot;

/// It serves until the value is gone.
pub(crate) struct Served {
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// A place to serve at, and its address without a path.
pub(crate) fn place() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

impl Served {
    /// Answers every request at `place` so.
    pub(crate) fn at<Answer>(
        place: TcpListener,
        answer: impl Fn(Request) -> Answer + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Answer: Future<Output = Response> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(place).unwrap();
                let router = Router::new().fallback(answer);
                tokio::select! {
                    ended = async { axum::serve(listener, router).await } => ended.unwrap(),
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Self { running: Some((stop, thread)) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}
