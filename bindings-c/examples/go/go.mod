module hogwire.example/quickstart

go 1.21
