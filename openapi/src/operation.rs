//! One operation: what is asked, and each answer to it.

use crate::{schemas::Schemas, shared::common_headers};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use skillgate_contract::api::Problem;

/// Which credential a caller must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// None: the operation is public.
    All,
    /// The admin token.
    Admin,
    /// The internal key of scanners that pull.
    Scanner,
    /// The signature of a scan's key, or a token of a trusted GitHub workflow.
    Signer,
}

/// How an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The answer may not be kept.
    No,
    /// The answer may be kept, and is asked for again with its ETag.
    Tagged,
}

/// Writes a type's schema into the document, and gives a reference to it.
type SchemaOf = fn(&mut Schemas) -> Value;

/// An operation, to be built up step by step.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    caller: Caller,
    parameters: Vec<Value>,
    body: Option<(SchemaOf, Vec<(&'static str, Value)>)>,
    answers: Map<String, Value>,
    typed: Vec<(&'static str, &'static str, SchemaOf, Value)>,
}

impl Operation {
    pub(crate) fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        tag: &'static str,
        summary: &'static str,
    ) -> Self {
        let unavailable = Map::from_iter([("503".to_owned(), reference("Unavailable"))]);
        Self {
            method,
            path,
            id,
            tag,
            summary,
            description: "",
            caller: Caller::All,
            parameters: Vec::new(),
            body: None,
            answers: unavailable,
            typed: Vec::new(),
        }
    }

    pub(crate) fn about(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    pub(crate) fn by(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self.refuses("401", "Unauthorized").refuses("429", "TooManyGuesses")
    }

    /// A parameter with an example that is sent when the example is tried.
    pub(crate) fn parameter(
        mut self,
        place: &str,
        name: &str,
        description: &str,
        schema: &Value,
        example: Option<&str>,
    ) -> Self {
        let mut parameter = json!({
            "name": name, "in": place, "description": description, "schema": schema, "required": place == "path",
        });
        if let Some(example) = example {
            parameter["example"] = example.into();
        }
        self.parameters.push(parameter);
        self
    }

    /// Makes the last parameter one that must be there.
    pub(crate) fn required_query(mut self) -> Self {
        if let Some(parameter) = self.parameters.last_mut() {
            parameter["required"] = true.into();
        }
        self
    }

    /// The skill's name in the path.
    pub(crate) fn skill(self) -> Self {
        let schema = json!({"$ref": "#/components/schemas/SkillName"});
        self.parameter("path", "name", "The skill's name.", &schema, Some(crate::examples::NAME))
            .refuses("404", "NotFound")
    }

    /// A provider in the path.
    pub(crate) fn provider(self) -> Self {
        let schema = json!({"$ref": "#/components/schemas/Provider"});
        self.parameter("path", "provider", "The tool.", &schema, Some("semgrep"))
    }

    /// `limit`, from 1 to `most`.
    pub(crate) fn limit(self, most: u32, default: u32) -> Self {
        let schema = json!({"type": "integer", "default": default});
        let about = format!(
            "The most to list. What is out of range is taken as the nearest of 1 to {most}."
        );
        self.parameter("query", "limit", &about, &schema, None).refuses("400", "BadRequest")
    }

    /// `limit` and `cursor`, which is of this pattern.
    pub(crate) fn paged(self, pattern: &str) -> Self {
        let about = "The `nextCursor` of the page before; the first page without one.";
        let schema = json!({"type": "string", "pattern": pattern});
        self.limit(100, 50).parameter("query", "cursor", about, &schema, None)
    }

    /// A JSON body, with an example of each kind of it.
    pub(crate) fn body<T: JsonSchema>(mut self, examples: Vec<(&'static str, Value)>) -> Self {
        self.body = Some((Schemas::request::<T>, examples));
        self.refuses("400", "BadRequest")
            .refuses("413", "TooLarge")
            .refuses("415", "MediaType")
            .refuses("422", "WrongField")
    }

    /// A body that is read as far as it can be.
    pub(crate) fn any_body(mut self, examples: Vec<(&'static str, Value)>) -> Self {
        self.body = Some((|_| json!({}), examples));
        self.refuses("413", "TooLarge")
    }

    /// An error of the shared ones.
    pub(crate) fn refuses(mut self, status: &str, response: &str) -> Self {
        self.answers.entry(status).or_insert_with(|| reference(response));
        self
    }

    /// An error with an explanation of its own, and a detail that is an example of it.
    pub(crate) fn refuses_because(
        mut self,
        status: &'static str,
        title: &str,
        description: &str,
        detail: &str,
    ) -> Self {
        let example = json!({
            "type": "about:blank", "title": title, "status": status.parse::<u16>().unwrap_or_default(), "detail": detail,
        });
        let answer =
            json!({"description": description, "headers": common_headers(), "content": {}});
        self.answers.insert(status.to_owned(), answer);
        let schema: SchemaOf = Schemas::answer::<Problem>;
        self.typed.push((status, "application/problem+json", schema, example));
        self
    }

    /// 503 is the shared problem here unless an answer says otherwise.
    pub(crate) fn never_unavailable(mut self) -> Self {
        self.answers.remove("503");
        self
    }

    /// A JSON answer of a type.
    pub(crate) fn answers<T: JsonSchema>(
        self,
        status: &'static str,
        description: &str,
        example: Value,
    ) -> Self {
        self.answers_as(status, description, "application/json", Schemas::answer::<T>, example)
    }

    /// An answer in another form; several for one status may follow one another.
    pub(crate) fn answers_as(
        mut self,
        status: &'static str,
        description: &str,
        media_type: &'static str,
        schema: SchemaOf,
        example: Value,
    ) -> Self {
        self.answers.entry(status).or_insert_with(
            || json!({"description": description, "headers": common_headers(), "content": {}}),
        );
        self.typed.push((status, media_type, schema, example));
        self
    }

    /// An answer 302, without a body, to another page.
    pub(crate) fn leads_on(mut self, description: &str) -> Self {
        let mut headers = common_headers();
        headers["Location"] = json!({"schema": {"type": "string"}});
        self.answers
            .insert("302".to_owned(), json!({"description": description, "headers": headers}));
        self
    }

    /// The answer of `status` goes on at `Link`.
    pub(crate) fn links(self, status: &str) -> Self {
        self.header(status, "Link")
    }

    /// How the answer of 200 may be kept.
    pub(crate) fn kept(mut self, kept: Kept) -> Self {
        if kept == Kept::No {
            return self;
        }
        let about = "ETags that the caller has; where one of them still holds, the answer is 304.";
        self = self.parameter("header", "If-None-Match", about, &json!({"type": "string"}), None);
        self.answers.insert(
            "304".to_owned(),
            json!({"description": "What the caller has still holds.", "headers": common_headers()}),
        );
        self.header("200", "ETag").header("304", "ETag")
    }

    fn header(mut self, status: &str, name: &str) -> Self {
        if let Some(answer) = self.answers.get_mut(status) {
            answer["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        self
    }

    pub(crate) fn to_json(&self, schemas: &mut Schemas) -> Value {
        let mut answers = self.answers.clone();
        for (status, media_type, schema, example) in &self.typed {
            if let Some(answer) = answers.get_mut(*status) {
                answer["content"][media_type] =
                    json!({"schema": schema(schemas), "example": example});
            }
        }
        let mut operation = json!({
            "operationId": self.id, "tags": [self.tag], "summary": self.summary, "responses": answers,
        });
        if !self.description.is_empty() {
            operation["description"] = self.description.into();
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.clone().into();
        }
        if let Some((schema, examples)) = &self.body {
            let examples =
                examples.iter().map(|(name, value)| ((*name).to_owned(), json!({"value": value})));
            operation["requestBody"] = json!({
                "required": true,
                "content": {"application/json": {
                    "schema": schema(schemas), "examples": examples.collect::<Map<_, _>>(),
                }},
            });
        }
        let any_of: &[&str] = match self.caller {
            Caller::All => &[],
            Caller::Admin => &["adminToken"],
            Caller::Scanner => &["internalKey"],
            Caller::Signer => &["signature", "jobToken"],
        };
        if !any_of.is_empty() {
            operation["security"] = any_of.iter().map(|scheme| json!({*scheme: []})).collect();
        }
        operation
    }
}

fn reference(response: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{response}")})
}
