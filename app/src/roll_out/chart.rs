//! Coverage as a bar and as numbers. Parts of the bar differ in pattern as well as in colour. It says the same in words to
//! whoever cannot see it, and the numbers below say it to everybody.

use crate::{paths, ui::counted};
use domain::{authenticators::FactorKind, roll_out::Coverage, scope::Scope};
use leptos::{either::Either, prelude::*};

/// A part of the bar: a method that is somebody's strongest, or none.
type Part = Option<FactorKind>;

/// The bar, and below it each part with its number; a method leads to who has it.
#[component]
pub(super) fn CoverageChart(scope: Scope, coverage: Coverage) -> impl IntoView {
    let kinds = coverage.kinds().map(|(kind, count)| (Some(kind), count));
    let parts: Vec<(Part, u64)> = kinds.chain((coverage.without > 0).then_some((None, coverage.without))).collect();
    let all = coverage.members().max(1) as f64;
    let mut end = 0.0;
    let bar = parts.iter().map(|&(part, count)| {
        let (start, width) = (end, count as f64 / all * 100.0);
        end += width;
        view! {
            <rect x=format!("{start:.2}%") width=format!("{width:.2}%") height="28" fill=fill(part) stroke="var(--edge)"></rect>
        }
    });
    let bar = bar.collect_view();
    let share = |&(part, count): &(Part, u64)| {
        tr!("roll_out.part", method = label(part), number = counted(count), percent = coverage.percent(count))
    };
    let said = parts.iter().map(share).collect::<Vec<_>>().join(" ");
    let legend = parts.iter().map(|&(part, count)| {
        let (number, percent) = (counted(count), coverage.percent(count));
        let name = match part {
            Some(kind) => Either::Left(view! { <a href=paths::users_with_method(scope, kind)>{label(part)}</a> }),
            None => Either::Right(label(part)),
        };
        view! {
            <div>
                <dt>
                    <svg width="16" height="16" aria-hidden="true">
                        <rect width="16" height="16" fill=fill(part) stroke="var(--edge)"></rect>
                    </svg>
                    " "
                    {name}
                </dt>
                <dd>{tr!("roll_out.share", number = number, percent = percent)}</dd>
            </div>
        }
    });
    view! {
        <svg
            width="100%"
            height="28"
            role="img"
            aria-labelledby="coverage-title"
            aria-describedby="coverage-said"
        >
            <title id="coverage-title">{tr!("roll_out.chart")}</title>
            <desc id="coverage-said">{said}</desc>
            <defs>
                <pattern id="hatched" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect width="8" height="8" fill="var(--accent-soft)"></rect>
                    <rect width="3" height="8" fill="var(--accent)"></rect>
                </pattern>
                <pattern id="dotted" width="8" height="8" patternUnits="userSpaceOnUse">
                    <rect width="8" height="8" fill="var(--amber-soft)"></rect>
                    <circle cx="4" cy="4" r="1.5" fill="var(--amber)"></circle>
                </pattern>
            </defs>
            {bar}
        </svg>
        <dl class="facts">{legend.collect_view()}</dl>
    }
}

const fn fill(part: Part) -> &'static str {
    match part {
        Some(FactorKind::Passkey) => "var(--accent)",
        Some(FactorKind::Totp) => "url(#hatched)",
        Some(FactorKind::Sms) => "url(#dotted)",
        None => "var(--stone-0)",
    }
}

fn label(part: Part) -> &'static str {
    match part {
        Some(FactorKind::Passkey) => tr!("roll_out.passkey"),
        Some(FactorKind::Totp) => tr!("roll_out.totp"),
        Some(FactorKind::Sms) => tr!("roll_out.sms"),
        None => tr!("roll_out.none"),
    }
}
