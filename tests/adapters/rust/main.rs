//! The Rust adapter: one JSON line in, one JSON line out, through nothing but the public API of the crate `hogwire`.

use std::io::{BufRead, Write};

use hogwire::{
    AssembledEvent, Client, Config, ConfigBuilder, ConfigError, Delivery, DropReason, ErrorCode, Failure, FindingCode,
    Input, Operation, QUEUE_OPTIONS, Response, Seen, TransportError, UnknownOperation, WarningCode,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

mod queue;

#[derive(Deserialize)]
struct Line<'a> {
    r#do: String,
    #[serde(default)]
    operation: String,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    input_text: Option<String>,
    #[serde(borrow)]
    config: Option<&'a RawValue>,
    now_ms: Option<i64>,
    seed: Option<u64>,
    attempt: Option<u32>,
    response: Option<Answer>,
    failure: Option<String>,
    sent: Option<bool>,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    before_send: Vec<String>,
    #[serde(default)]
    items: Vec<Map<String, Value>>,
    #[serde(borrow)]
    options: Option<&'a RawValue>,
    #[serde(borrow, default)]
    steps: Vec<queue::Step<'a>>,
    #[serde(default)]
    raising: bool,
    #[serde(default)]
    key: String,
}

#[derive(Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
}

/// Misuse of the API, which raises in every language.
enum Misuse {
    Config(ConfigError),
    Operation(UnknownOperation),
}

impl From<ConfigError> for Misuse {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<UnknownOperation> for Misuse {
    fn from(error: UnknownOperation) -> Self {
        Self::Operation(error)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.lines() {
        let line = line?;
        let answer = answer(&serde_json::from_str(&line)?).unwrap_or_else(|misuse| match misuse {
            Misuse::Config(error) => json!({"error": {"Option": error.option(), "Message": error.problem()}}),
            Misuse::Operation(error) => json!({"error": {"Message": error.to_string()}}),
        });
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(line: &Line<'_>) -> Result<Value, Misuse> {
    match line.r#do.as_str() {
        "catalogue" => return Ok(catalogue()),
        "uuid_from" => return Ok(json!({"uuid": hogwire::uuid_from(&line.key).to_string()})),
        _ => {}
    }
    let config = config(line)?;
    match line.r#do.as_str() {
        "batch" => batch(line, config),
        "queue" => queue::run(line, config),
        "config" => Client::new(config)
            .map(|_| json!({"config": "ok"}))
            .map_err(Misuse::from),
        "call" => call(line, config),
        _ => match Operation::from_word(&line.operation) {
            Some(operation) => Ok(build(line, operation, &config)),
            // Only a client knows how to complain about an unknown name.
            None => call(line, config),
        },
    }
}

fn config(line: &Line<'_>) -> Result<Config, ConfigError> {
    let builder = Config::from_json(line.config.map_or("{}", RawValue::get))?;
    line.before_send.iter().cloned().fold(builder, with_hook).build()
}

fn with_hook(builder: ConfigBuilder, name: String) -> ConfigBuilder {
    builder.before_send(move |mut event: AssembledEvent| match name.as_str() {
        "drop" => Ok(None),
        "raise" => Err("the hook raised".to_owned()),
        "rename" => Ok(Some({
            event.insert("event".to_owned(), "renamed".into());
            event
        })),
        "reassign" => Ok(Some({
            event.insert("distinct_id".to_owned(), "reassigned".into());
            event
        })),
        "break" => Ok(Some({
            event.remove("distinct_id");
            event
        })),
        _ => {
            event
                .get_mut("properties")
                .and_then(Value::as_object_mut)
                .map(|all| all.insert("hook".to_owned(), true.into()));
            Ok(Some(event))
        }
    })
}

/// The input as the text the API takes.
fn input<'a>(line: &'a Line<'_>) -> &'a [u8] {
    line.input_text
        .as_deref()
        .or(line.input.map(RawValue::get))
        .unwrap_or_default()
        .as_bytes()
}

fn client(line: &Line<'_>, config: Config) -> Result<Client, ConfigError> {
    let client = Client::new(config)?;
    for step in &line.before {
        match step.as_str() {
            "opt_out" => client.opt_out(),
            _ => client.opt_in(),
        }
    }
    Ok(client)
}

fn call(line: &Line<'_>, config: Config) -> Result<Value, Misuse> {
    let client = client(line, config)?;
    Ok(json!({"outcome": client.execute(&line.operation, input(line))?}))
}

fn batch(line: &Line<'_>, config: Config) -> Result<Value, Misuse> {
    let client = client(line, config)?;
    let mut items = Vec::new();
    for mut item in line.items.iter().cloned() {
        let word = item.get("Operation").and_then(Value::as_str).unwrap_or_default();
        let operation = Operation::from_word(word);
        if operation.is_some() {
            item.remove("Operation");
        }
        // Rust has no unknown operations, so here the name stays in as the parameter that nobody knows.
        items.push((operation.unwrap_or(Operation::Event), json!(item).to_string()));
    }
    let inputs = items
        .iter()
        .map(|(operation, json)| Input::from_json(*operation, json.as_bytes()));
    Ok(json!({"outcomes": client.send_batch(inputs)}))
}

fn build(line: &Line<'_>, operation: Operation, config: &Config) -> Value {
    let (now_ms, seed) = (line.now_ms.unwrap_or_default(), line.seed.unwrap_or_default());
    let request = match hogwire::build(
        Input::from_json(operation, input(line)),
        config,
        now_ms,
        seed,
        line.attempt.unwrap_or(1),
    ) {
        Ok(request) => request,
        Err(outcome) => return json!({"outcome": outcome}),
    };
    match line.r#do.as_str() {
        "curl" => json!({"curl": request.to_curl()}),
        "interpret" => json!({"outcome": hogwire::interpret(&request, &seen(line), now_ms)}),
        _ => json!({"request": serde_json::from_str::<Value>(&request.to_json()).unwrap_or_default()}),
    }
}

fn seen(line: &Line<'_>) -> Seen {
    use base64::Engine as _;
    if let Some(answer) = &line.response {
        let bytes = answer
            .body_base64
            .as_ref()
            .and_then(|body| base64::engine::general_purpose::STANDARD.decode(body).ok());
        let body = bytes.unwrap_or_else(|| answer.body.clone().unwrap_or_default().into_bytes());
        return Ok(Response {
            status: answer.status,
            headers: answer.headers.clone(),
            body,
            truncated: false,
        });
    }
    let failure = line
        .failure
        .as_deref()
        .and_then(Failure::from_word)
        .unwrap_or(Failure::Internal);
    let error = TransportError::new(failure);
    Err(match line.sent {
        Some(sent) => error.with_sent(sent),
        None => error,
    })
}

fn catalogue() -> Value {
    let operations = Operation::ALL
        .iter()
        .map(|operation| (operation.to_string(), json!(operation.parameters())));
    json!({"catalogue": {
        "ErrorCodes": ErrorCode::ALL, "Deliveries": Delivery::ALL, "Findings": FindingCode::ALL, "Warnings": WarningCode::ALL,
        "DropReasons": DropReason::ALL, "QueueOptions": QUEUE_OPTIONS, "Operations": Value::Object(operations.collect()),
    }})
}
