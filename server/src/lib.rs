//! HTTP and process around Postern: configuration, routes, headers, command line. Holds no rule; what may be done is
//! decided in `domain` and done in `backend`.

pub mod assets;
pub mod headers;
pub mod router;
