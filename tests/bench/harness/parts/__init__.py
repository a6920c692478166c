"""The parts of the benchmark. Each has `measure(languages, rounds)`, which gives lists of figures by key, and
`render(results, floors)`, which makes Markdown of them."""
