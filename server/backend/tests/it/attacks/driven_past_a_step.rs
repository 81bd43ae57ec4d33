//! The attacker holds every handle at once: the link, an administrator's session, a second one's, the person's own. The steps
//! are driven out of their order, by hand: accepted before it was approved, carried out before it is due, brought back after
//! it was called off, taken again after it was done.
//!
//! Not enforcing the order of a workflow is CWE-841. Here every step is one conditional update on the state that is stored
//! (5.11): in each state, every step that does not belong there is refused by the name of the state, and changes nothing.

use super::changes_nothing;
use crate::{
    mfa_reset::guards::{Guarded, guarded, hours, unmailed_link},
    support::{Browser, HOUR, MS, World},
};
use backend::{Error, Result, crypto::LinkToken, mfa_reset, store};
use domain::{errors::Conflict, guards::Guards, ids::MfaResetId, mfa_reset::State, person::Reason, policy::Denied};

/// What can be done to a request, by whoever can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    Accept,
    Decline,
    DeclineInSession,
    Approve,
    Reject,
    Cancel,
    Resend,
    AskAgain,
}

use Event::*;

const EVENTS: [Event; 8] = [Accept, Decline, DeclineInSession, Approve, Reject, Cancel, Resend, AskAgain];

/// What is answered where the step does not belong there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refusal {
    /// It says where the request stands.
    Stands(State),
    /// There is no request to act on.
    NothingOpen,
    /// There is nothing left to reset.
    NothingToReset,
    /// The session is over.
    SignedOut,
}

/// Whether the step belongs to the state; else what is answered.
fn refusal(state: State, event: Event) -> Option<Refusal> {
    let stands = Some(Refusal::Stands(state));
    match (state, event) {
        (State::AwaitingApproval, Approve | Reject | Cancel | AskAgain) => None,
        (State::Open, Accept | Decline | DeclineInSession | Cancel | Resend | AskAgain) => None,
        (State::Waiting, Decline | DeclineInSession | Cancel) => None,
        (State::Waiting, AskAgain) => stands,
        (State::Done, AskAgain) => Some(Refusal::NothingToReset),
        (State::Done, DeclineInSession) => Some(Refusal::SignedOut),
        (_, Resend | Cancel) => Some(Refusal::NothingOpen),
        (State::Declined | State::Cancelled | State::Rejected | State::Superseded | State::Expired, AskAgain) => None,
        _ => stands,
    }
}

/// Everybody's handles on Bruno's request.
struct Handles<'w> {
    story: Guarded,
    /// Who asks.
    chiara: Browser<'w>,
    /// Who approves.
    olga: Browser<'w>,
    /// Whose factors.
    bruno: Browser<'w>,
    link: LinkToken,
}

impl<'w> Handles<'w> {
    /// A request that awaits approval, and an hour of waiting time after “Accept”.
    async fn new(world: &'w World) -> Self {
        let story = guarded(world).await;
        let wait = Guards { wait: hours(1), ..Guards::default() };
        store::set_guards(world.backend.database.write(), story.scope(), wait).await.unwrap();
        let chiara = world.signed_in(&story.base.chiara).await;
        let olga = world.signed_in(&story.base.olga).await;
        let bruno = world.signed_in(&story.bruno).await;
        mfa_reset::request(&world.backend, &chiara.me().await, story.scope(), story.bruno.id, &Reason::none())
            .await
            .unwrap();
        let link = unmailed_link(world, &story.bruno).await;
        world.deliver().await;
        Self { story, chiara, olga, bruno, link }
    }

    async fn drive(&self, world: &World, event: Event) -> Result<()> {
        let (on, scope, user) = (&world.backend, self.story.scope(), self.story.bruno.id);
        match event {
            Accept => mfa_reset::accept(on, &world.visitor(), &self.link, "").await.map(drop),
            Decline => mfa_reset::decline(on, &world.visitor(), &self.link).await.map(drop),
            DeclineInSession => {
                let id = MfaResetId(world.resets_of(&self.story.bruno).await[0].id);
                mfa_reset::decline_mine(on, &self.bruno.caller().await?, id).await
            }
            Approve => mfa_reset::approve(on, &self.olga.me().await, scope, user).await,
            Reject => mfa_reset::reject(on, &self.olga.me().await, scope, user).await,
            Cancel => mfa_reset::cancel(on, &self.chiara.me().await, scope, user).await,
            Resend => mfa_reset::resend(on, &self.chiara.me().await, scope, user).await,
            AskAgain => {
                let asked = mfa_reset::request(on, &self.chiara.me().await, scope, user, &Reason::none()).await;
                asked.map(drop)
            }
        }
    }

    /// Every step that does not belong here is refused, and nothing is any different after it.
    async fn stands_firm(&self, world: &World, state: State) {
        world.deliver().await;
        assert_eq!(world.state_of(&self.link).await, state);
        for event in EVENTS {
            let Some(expected) = refusal(state, event) else { continue };
            let answer = changes_nothing(world, self.drive(world, event)).await;
            let refused = match answer {
                Err(Error::Conflict(Conflict::ResetIs(state))) => Refusal::Stands(state),
                Err(Error::Conflict(Conflict::NoOpenReset)) => Refusal::NothingOpen,
                Err(Error::Denied(Denied::NothingToReset)) => Refusal::NothingToReset,
                Err(Error::NotSignedIn) => Refusal::SignedOut,
                other => panic!("{event:?} in {state:?}: {other:?}"),
            };
            assert_eq!(refused, expected, "{event:?} in {state:?}");
        }
        // Time alone moves only what is due.
        changes_nothing(world, async {
            mfa_reset::finish_due(&world.backend).await.unwrap();
            mfa_reset::end_groundless(&world.other_server).await.unwrap();
        })
        .await;
        assert_eq!(world.state_of(&self.link).await, state);
    }

    async fn steps(&self, world: &World, events: &[Event]) {
        for event in events {
            self.drive(world, *event).await.unwrap();
        }
    }
}

on_each_database!(nothing_comes_before_the_approval, async |world| {
    let handles = Handles::new(world).await;
    handles.stands_firm(world, State::AwaitingApproval).await;
});

on_each_database!(what_is_approved_is_not_approved_again, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve]).await;
    handles.stands_firm(world, State::Open).await;
    world.deliver().await;
});

on_each_database!(what_waits_is_neither_hastened_nor_replaced, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve, Accept]).await;
    handles.stands_firm(world, State::Waiting).await;
    // Nor carried out a moment early, by however many.
    world.advance(HOUR - MS);
    let early = world.at_once(8, |server, _| async move { mfa_reset::finish_due(&server).await }).await;
    assert!(early.iter().all(Result::is_ok), "{early:?}");
    assert_eq!(world.state_of(&handles.link).await, State::Waiting);
    world.deliver().await;
});

on_each_database!(what_is_done_is_done, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve, Accept]).await;
    world.wait_out(HOUR).await;
    handles.stands_firm(world, State::Done).await;
});

on_each_database!(what_was_declined_by_the_link_stays_declined, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve, Decline]).await;
    handles.stands_firm(world, State::Declined).await;
});

on_each_database!(what_was_declined_in_a_session_stays_declined, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve, DeclineInSession]).await;
    handles.stands_firm(world, State::Declined).await;
});

on_each_database!(what_was_called_off_is_not_brought_back, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Cancel]).await;
    handles.stands_firm(world, State::Cancelled).await;
});

on_each_database!(what_was_called_off_while_it_waited_is_not_carried_out, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve, Accept, Cancel]).await;
    world.wait_out(HOUR).await;
    handles.stands_firm(world, State::Cancelled).await;
});

on_each_database!(what_was_rejected_is_not_approved_after_all, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Reject]).await;
    handles.stands_firm(world, State::Rejected).await;
});

on_each_database!(what_was_replaced_is_not_accepted, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve, AskAgain]).await;
    world.deliver().await;
    // The administrators' doors lead to the request that took its place; the link of the old one leads nowhere.
    for event in [Accept, Decline] {
        let answer = changes_nothing(world, handles.drive(world, event)).await;
        assert!(matches!(answer, Err(Error::Conflict(Conflict::ResetIs(State::Superseded)))), "{answer:?}");
    }
    handles.steps(world, &[Approve]).await;
    assert_eq!(world.state_of(&handles.link).await, State::Superseded);
    world.deliver().await;
});

/// Twelve hours later nothing is possible any more, before and after that is written down.
async fn is_over(world: &World, mut handles: Handles<'_>) {
    world.deliver().await;
    world.advance(12 * HOUR);
    handles.chiara = world.signed_in(&handles.story.base.chiara).await;
    handles.olga = world.signed_in(&handles.story.base.olga).await;
    handles.bruno = world.signed_in(&handles.story.bruno).await;
    assert_eq!(world.ends_of(&handles.story.bruno).await, ["live"]);
    for event in EVENTS.into_iter().filter(|event| refusal(State::Expired, *event).is_some()) {
        let answer = changes_nothing(world, handles.drive(world, event)).await;
        assert!(answer.is_err(), "{event:?}");
    }
    handles.stands_firm(world, State::Expired).await;
    assert_eq!(world.ends_of(&handles.story.bruno).await, ["expired: time_up"]);
}

on_each_database!(what_nobody_approved_in_time_is_over, async |world| {
    let handles = Handles::new(world).await;
    is_over(world, handles).await;
});

on_each_database!(what_nobody_accepted_in_time_is_over, async |world| {
    let handles = Handles::new(world).await;
    handles.steps(world, &[Approve]).await;
    is_over(world, handles).await;
});
