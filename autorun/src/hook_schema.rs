//! What Claude Code takes as a hook. A handler that does not fit is dropped alone; one of an event that guards
//! permissions makes it refuse all hooks of a skill, and the skill's grant with them. Tried with 2.1.332.

use crate::value::{Node, Value};

/// Claude Code's events, as of 2.1.332. An event of another name or in other letters is dropped, alone.
const EVENTS: [&str; 34] = [
    "ConfigChange",
    "CwdChanged",
    "DirectoryAdded",
    "Elicitation",
    "ElicitationResult",
    "FileChanged",
    "InstructionsLoaded",
    "MessageDisplay",
    "Notification",
    "PermissionDenied",
    "PermissionRequest",
    "PostCompact",
    "PostModelSwitch",
    "PostToolBatch",
    "PostToolUse",
    "PostToolUseFailure",
    "PreCompact",
    "PreModelSwitch",
    "PreSkillShellCommand",
    "PreToolUse",
    "SessionEnd",
    "SessionStart",
    "Setup",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "TaskCompleted",
    "TaskCreated",
    "TeammateIdle",
    "UserPromptExpansion",
    "UserPromptSubmit",
    "WorktreeCreate",
    "WorktreeRemove",
];
/// Events whose hooks decide about permissions.
const GUARDS: [&str; 3] = ["PreToolUse", "PermissionRequest", "PreSkillShellCommand"];

pub(crate) fn is_event(event: &str) -> bool {
    EVENTS.contains(&event)
}

/// Whether a skill with these hooks keeps them and its grant.
pub(crate) fn is_kept(hooks: &Node) -> bool {
    match &hooks.value {
        // JavaScript's idea of nothing is as no hooks.
        Value::Null | Value::Bool(false) | Value::Map(_) => {}
        Value::Str(text) => return text.is_empty(),
        Value::Number(text) => return is_zero(text),
        Value::Bool(true) | Value::List(_) => return false,
    }
    GUARDS.iter().filter_map(|event| hooks.get(event)).all(|list| match &list.value {
        Value::Null => true,
        Value::List(matchers) => matchers.iter().all(|matcher| {
            is_matcher(matcher)
                && matcher.get("hooks").is_some_and(|hooks| {
                    matches!(&hooks.value, Value::List(handlers) if handlers.iter().all(is_handler))
                })
        }),
        _ => false,
    })
}

fn is_zero(text: &str) -> bool {
    text.parse::<f64>().map_or_else(
        |_| !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)),
        |number| number == 0.0,
    )
}

/// Whether a matcher's own keys fit.
pub(crate) fn is_matcher(matcher: &Node) -> bool {
    is(matcher, "matcher", |value| matches!(value, Value::Str(_)))
}

/// Whether a handler fits.
pub(crate) fn is_handler(handler: &Node) -> bool {
    let needs = |key: &str| handler.text_of(key).is_some();
    let required = match handler.text_of("type") {
        Some("command") => needs("command"),
        Some("http") => handler.text_of("url").is_some_and(is_address),
        Some("prompt" | "agent") => needs("prompt"),
        Some("mcp_tool") => needs("server") && needs("tool"),
        _ => false,
    };
    let flag = |key| is(handler, key, |value| matches!(value, Value::Bool(_)));
    let text = |key| is(handler, key, |value| matches!(value, Value::Str(_)));
    required
        && is(
            handler,
            "timeout",
            |value| matches!(value, Value::Number(text) if text.parse::<f64>().is_ok_and(|seconds| seconds > 0.0)),
        )
        && ["once", "async"].into_iter().all(flag)
        && ["statusMessage", "if"].into_iter().all(text)
        && is(
            handler,
            "shell",
            |value| matches!(value, Value::Str(shell) if shell == "bash" || shell == "powershell"),
        )
        && is(
            handler,
            "args",
            |value| matches!(value, Value::List(args) if args.iter().all(|arg| arg.text().is_some())),
        )
}

/// Whether a key is missing or fits.
fn is(node: &Node, key: &str, fits: impl Fn(&Value) -> bool) -> bool {
    node.get(key).is_none_or(|node| fits(&node.value))
}

/// Whether a text begins with the scheme of an address.
fn is_address(text: &str) -> bool {
    text.trim().split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}
