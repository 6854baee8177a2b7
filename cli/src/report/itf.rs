//! Traces in the ITF format, which viewers of traces read: <https://apalache-mc.org/docs/adr/015adr-trace.html>.
//!
//! Numbers are `#bigint`, sets `#set`, functions `#map`, tuples `#tup`, sequences lists, records objects, and
//! elements of uninterpreted sorts are strings. A function whose domain is `1..n` is a sequence.

use eval::show::Names;
use eval::value::{State, Value};
use lang::typed::Module;
use serde_json::{Map, Value as Json, json};

/// A trace: its states, and what happened before each of them.
pub fn trace(module: &Module, names: &Names<'_>, states: &[State], labels: &[String]) -> Json {
    let variables: Vec<&str> = module.variables.iter().map(|variable| variable.name.as_str()).collect();
    let state = |(index, state): (usize, &State)| {
        let mut object = Map::new();
        let mut meta = json!({ "index": index });
        if let (Some(label), Some(meta)) = (labels.get(index), meta.as_object_mut()) {
            meta.insert("action".to_owned(), json!(label));
        }
        object.insert("#meta".to_owned(), meta);
        for (variable, value) in variables.iter().zip(&**state) {
            object.insert((*variable).to_owned(), self::value(module, names, value));
        }
        Json::Object(object)
    };
    json!({
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": format!("a behaviour of module {}, by paxprove", module.name),
        },
        "vars": variables,
        "states": states.iter().enumerate().map(state).collect::<Vec<Json>>(),
    })
}

/// A value.
pub fn value(module: &Module, names: &Names<'_>, value: &Value) -> Json {
    let one = |item: &Value| self::value(module, names, item);
    let all = |items: &[Value]| items.iter().map(one).collect::<Vec<Json>>();
    match value {
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!({ "#bigint": number.to_string() }),
        Value::Str(text) => json!(&**text),
        Value::Element(..) => json!(names.value(value)),
        Value::Set(items) => json!({ "#set": all(items) }),
        // The format has no infinite sets: what it has for them is their text.
        Value::Whole(_) | Value::Families(_) => json!({ "#unserializable": names.value(value) }),
        Value::Function(entries) => {
            if entries.iter().zip(1_i64..).all(|((argument, _), position)| *argument == Value::Int(position))
            {
                return json!(entries.iter().map(|(_, value)| one(value)).collect::<Vec<Json>>());
            }
            let pairs: Vec<[Json; 2]> =
                entries.iter().map(|(argument, value)| [one(argument), one(value)]).collect();
            json!({ "#map": pairs })
        }
        Value::Tuple(items) => json!({ "#tup": all(items) }),
        Value::Record(sort, shape, items) => {
            let record = &module.sorts.records[*sort];
            let fields = record.shapes.get(*shape).into_iter().flatten();
            let fields = fields.filter_map(|field| record.fields.get(*field)).zip(items.iter());
            Json::Object(fields.map(|(field, value)| (field.name.clone(), one(value))).collect())
        }
    }
}
