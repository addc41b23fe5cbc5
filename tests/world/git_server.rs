//! A real `git http-backend` on loopback, with a token check and switches for bad luck.
