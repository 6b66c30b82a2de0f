//! The OpenAPI document as HTML, to read without a script.

use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value};

/// What this page needs beside the stylesheet of all pages.
const STYLE: &str = include_str!("page.css");

/// Each operation with its address and method.
type Operations<'a> = Vec<(&'a str, &'a str, &'a Value)>;

/// The content of `/docs`, without the frame that all pages share: that is the worker's, which knows its own address.
pub(crate) fn content(document: &Value) -> String {
    let info = &document["info"];
    let operations: Operations<'_> = members(&document["paths"])
        .flat_map(|(path, methods)| members(methods).map(move |(method, op)| (path, method, op)))
        .collect();
    let content = html! {
        style { (PreEscaped(STYLE)) }
        div class="api" {
            h1 { "The API of " (text(&info["title"])) }
            (prose(text(&info["description"])))
            p { a href="/openapi.json" { "This page as an OpenAPI " (text(&document["openapi"])) " document" } }
            nav class="methods" aria-label="Operations" { @for tag in list(&document["tags"]) {
                (overview(tag, &operations))
            } }
            @for tag in list(&document["tags"]) {
                @let name = text(&tag["name"]);
                h2 id={ "tag-" (name) } { (text(&tag["description"])) }
                @for (path, method, op) in operations.iter().filter(|(_, _, op)| has_tag(op, name)) {
                    (operation(document, path, method, op))
                }
            }
            h2 id="schemas" { "Shapes" }
            @for (name, shape) in members(at(document, &["components", "schemas"])) {
                section class="schema" id={ "schema-" (name) } {
                    h3 { (name) }
                    (schema(shape))
                }
            }
        }
    };
    content.into_string()
}

fn overview(tag: &Value, operations: &Operations<'_>) -> Markup {
    let name = text(&tag["name"]);
    html! {
        div {
            p { a href={ "#tag-" (name) } { (text(&tag["description"])) } }
            ul {
                @for (path, method, op) in operations.iter().filter(|(_, _, op)| has_tag(op, name)) {
                    li {
                        a href={ "#" (text(&op["operationId"])) } {
                            span class="method" { (method) }
                            code { (path) }
                            span class="what" { (text(&op["summary"])) }
                        }
                    }
                }
            }
        }
    }
}

fn operation(document: &Value, path: &str, method: &str, op: &Value) -> Markup {
    let body = at(op, &["requestBody", "content", "application/json"]);
    let who = list(&op["security"]).flat_map(members).map(|(scheme, _)| scheme);
    html! {
        section class="operation" id=(text(&op["operationId"])) {
            h3 { span class="method" { (method) } code { (path) } }
            p { strong { (text(&op["summary"])) "." } }
            (prose(text(&op["description"])))
            @for (nth, scheme) in who.enumerate() {
                @let scheme = at(document, &["components", "securitySchemes", scheme]);
                p {
                    @if nth == 0 { "Needs " } @else { "Or " }
                    code { (text(&scheme["name"])) @if scheme["scheme"] == "bearer" { "Authorization: Bearer" } } ". "
                    (inline(text(&scheme["description"])))
                }
            }
            @if op["parameters"].is_array() {
                h4 { "Parameters" }
                dl { @for parameter in list(&op["parameters"]) {
                    dt {
                        code { (text(&parameter["name"])) } " "
                        span class="type" { (text(&parameter["in"])) @if parameter["required"] == true { ", required" } }
                    }
                    dd { (inline(text(&parameter["description"]))) " " span class="type" { (kind(&parameter["schema"])) } }
                } }
            }
            @if body.is_object() {
                h4 { "Body" }
                @if let Some(target) = reference(&body["schema"]) { p { (link(target)) } }
                @for (name, example) in members(&body["examples"]) {
                    details { summary { "Example: " (name) } pre tabindex="0" { (pretty(&example["value"])) } }
                }
            }
            h4 { "Answers" }
            @for (status, answer) in members(&op["responses"]) { (response(document, status, answer)) }
        }
    }
}

fn response(document: &Value, status: &str, answer: &Value) -> Markup {
    let shared = reference(answer).map(|name| at(document, &["components", "responses", name]));
    let answer = shared.unwrap_or(answer);
    let content = &answer["content"];
    html! {
        @if content.is_object() {
            details {
                summary { code { (status) } " " (inline(text(&answer["description"]))) }
                @for (media_type, content) in members(content) {
                    p class="type" {
                        (media_type)
                        @if let Some(target) = reference(&content["schema"]) { ": " (link(target)) }
                    }
                    pre tabindex="0" {
                        @match content["example"].as_str() {
                            Some(text) => (text),
                            None => (pretty(&content["example"])),
                        }
                    }
                }
            }
        } @else {
            p { code { (status) } " " (inline(text(&answer["description"]))) }
        }
    }
}

/// A shape: its members, or what text it is.
fn schema(shape: &Value) -> Markup {
    let required: Vec<&str> = list(&shape["required"]).filter_map(Value::as_str).collect();
    html! {
        (prose(text(&shape["description"])))
        @if !shape["properties"].is_object() { p class="type" { (kind(shape)) } }
        @else {
            dl { @for (name, member) in members(&shape["properties"]) {
                dt {
                    code { (name) }
                    @if required.contains(&name) { " " span class="type" { "required" } }
                }
                dd { (inline(text(&member["description"]))) " " span class="type" { (kind(member)) } }
            } }
        }
    }
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> Markup {
    let any = ["anyOf", "oneOf", "allOf"].iter().find_map(|word| schema[*word].as_array());
    html! {
        @if let Some(target) = reference(schema) { (link(target)) }
        @else if let Some(any) = any {
            @for (at, one) in any.iter().enumerate() { @if at > 0 { " or " } (kind(one)) }
        }
        @else if let Some(word) = schema["const"].as_str() {
            @if word.is_empty() { "nothing" } @else { code { (word) } }
        }
        @else if schema["enum"].is_array() {
            @for (at, word) in list(&schema["enum"]).enumerate() {
                @if at > 0 { ", " }
                code { (word.as_str().unwrap_or("null")) }
            }
        }
        @else if schema["type"] == "array" { "list of " (kind(&schema["items"])) }
        @else if let Some(names) = schema["type"].as_array() {
            @for (at, name) in names.iter().enumerate() { @if at > 0 { " or " } (text(name)) }
        }
        @else { (text(&schema["type"])) }
        @if let Some(pattern) = schema["pattern"].as_str() { " " code { (pattern) } }
    }
}

fn link(name: &str) -> Markup {
    html! { a href={ "#schema-" (name) } { (name) } }
}

/// What stands at the end of a path of members; null where it breaks off.
fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, name| value.get(name).unwrap_or(&Value::Null))
}

/// The last part of a reference.
fn reference(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.rsplit('/').next()
}

fn has_tag(operation: &Value, tag: &str) -> bool {
    list(&operation["tags"]).any(|name| name == tag)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

/// Paragraphs.
fn prose(text: &str) -> Markup {
    html! { @for paragraph in text.split("\n\n").filter(|p| !p.is_empty()) { p { (inline(paragraph)) } } }
}

/// Text with code between backticks.
fn inline(text: &str) -> Markup {
    html! { @for (at, part) in text.split('`').enumerate() {
        @if at % 2 == 1 { code { (part) } } @else { (part) }
    } }
}

/// JSON on lines of its own.
fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
