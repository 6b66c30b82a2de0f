//! Errors, for people: what happened, and where to go from here.

use super::{page, respond as respond_page};
use crate::http::{CachePolicy, Response};
use maud::{Markup, html};
use skillgate_contract::api::Problem;

/// The page of a problem. `id` names the request in our log.
pub(crate) fn respond(problem: &Problem, id: &str) -> Response {
    let content = html! {
        h1 { (heading(problem.status)) }
        p { (sentence(&problem.detail)) }
        (advice(problem.status))
        p {
            a href="/" { "Start page" } " · "
            a href="/audits" { "All skills" } " · "
            a href="/docs" { "The API" }
        }
        p class="facts" { "Error " (problem.status) ", request " code { (id) } }
    };
    respond_page(problem.status, page(&problem.title, &content), CachePolicy::NoStore)
}

fn heading(status: u16) -> &'static str {
    match status {
        400 => "This address cannot be read",
        404 => "There is nothing here",
        405 => "This address is not asked like that",
        409 => "Which one is meant?",
        503 => "Skillgate does not answer right now",
        500..=599 => "Something went wrong on our side",
        _ => "This did not work",
    }
}

fn advice(status: u16) -> Markup {
    html! {
        @match status {
            404 => {
                form class="search" role="search" action="/audits" method="get" {
                    label for="q" { "Find a skill" }
                    input id="q" name="q" type="search" maxlength="100" autocomplete="off" spellcheck="false";
                    button { "Search" }
                }
                ul {
                    li { "A skill's page is " code { "/skills/" } " and its name, such as " code { "/skills/owner/repo/tool" } "." }
                    li { "Upper and lower case count, and so does every part of the name." }
                    li { "A skill that was never published here was never scanned: no page is no verdict." }
                }
            }
            500..=599 => {
                p {
                    "Nothing was changed, and no verdict was made up. Try again in half a minute; whoever runs "
                    "this service finds the cause in its log, under the request's id below."
                }
            }
            _ => {}
        }
    }
}

/// A detail as a sentence: programs read it without its full stop.
fn sentence(detail: &str) -> String {
    let mut chars = detail.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}
