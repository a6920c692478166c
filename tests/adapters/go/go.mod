module hogwire.example/adapter

go 1.21
