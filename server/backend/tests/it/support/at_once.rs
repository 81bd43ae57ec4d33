//! Many requests at the same moment, through both servers.

use super::World;
use backend::Backend;
use std::sync::Arc;
use tokio::{sync::Barrier, task::JoinSet};

impl World {
    /// Makes `count` requests and lets them go at once, every other one on the other server; their answers, in the order
    /// in which they were made.
    pub async fn at_once<T, F>(&self, count: usize, make: impl Fn(Backend, usize) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (mut requests, gate) = (JoinSet::new(), Arc::new(Barrier::new(count)));
        for number in 0..count {
            let server = if number % 2 == 0 { &self.backend } else { &self.other_server };
            let (request, gate) = (make(server.clone(), number), gate.clone());
            requests.spawn(async move {
                gate.wait().await;
                (number, request.await)
            });
        }
        let mut answers = requests.join_all().await;
        answers.sort_by_key(|(number, _)| *number);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}
