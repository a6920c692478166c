// `do: queue`: the steps of a line through one queue, and what its hooks were told meanwhile. A hook in Go that raised would
// have to catch it itself before it returns to C, so `raising` is nothing here.
package main

/*
#include <hogwire.h>
#include <stdlib.h>

void hogwire_adapter_on_drop(void *story, char *uuid, char *reason, char *message);
void hogwire_adapter_on_error(void *story, hogwire_outcome *outcome);
void hogwire_adapter_on_delivered(void *story, char **uuids, size_t count, char *delivery);
*/
import "C"

import (
	"encoding/json"
	"sync"
	"time"
	"unsafe"
)

type step struct {
	Push *struct {
		Operation string          `json:"operation"`
		Input     json.RawMessage `json:"input"`
	} `json:"push"`
	Flush  *uint64          `json:"flush"`
	Close  *uint64          `json:"close"`
	Wait   map[string]int64 `json:"wait"`
	OptOut bool             `json:"opt_out"`
	OptIn  bool             `json:"opt_in"`
}

type dropped struct{ Uuid, Reason, Message string }

type delivery struct {
	Uuids    []string
	Delivery string
}

// What the hooks of the line under way were told.
var story struct {
	sync.Mutex
	drops      []dropped
	errors     []json.RawMessage
	deliveries []delivery
	uuids      int64
}

//export hogwire_adapter_on_drop
func hogwire_adapter_on_drop(_ unsafe.Pointer, uuid, reason, message *C.char) {
	story.Lock()
	defer story.Unlock()
	story.drops = append(story.drops, dropped{C.GoString(uuid), C.GoString(reason), C.GoString(message)})
}

//export hogwire_adapter_on_error
func hogwire_adapter_on_error(_ unsafe.Pointer, outcome *C.hogwire_outcome) {
	story.Lock()
	defer story.Unlock()
	story.errors = append(story.errors, json.RawMessage(C.GoString(C.hogwire_outcome_json(outcome))))
}

//export hogwire_adapter_on_delivered
func hogwire_adapter_on_delivered(_ unsafe.Pointer, uuids **C.char, count C.size_t, word *C.char) {
	told := delivery{Delivery: C.GoString(word)}
	for _, uuid := range unsafe.Slice(uuids, count) {
		told.Uuids = append(told.Uuids, C.GoString(uuid))
	}
	story.Lock()
	defer story.Unlock()
	story.deliveries = append(story.deliveries, told)
	story.uuids += int64(count)
}

func until(patience time.Duration, isSo func() bool) bool {
	for start := time.Now(); !isSo(); time.Sleep(3 * time.Millisecond) {
		if time.Since(start) > patience {
			return false
		}
	}
	return true
}

func stat(queue *C.hogwire_queue, name string) int64 {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return int64(C.hogwire_queue_stat(queue, text))
}

func report(settle func(**C.hogwire_report) C.hogwire_status) any {
	var made *C.hogwire_report
	check(settle(&made))
	defer C.hogwire_report_free(made)
	return map[string]any{"report": json.RawMessage(C.GoString(C.hogwire_report_json(made)))}
}

func (one *step) run(client *C.hogwire_client, queue *C.hogwire_queue, all *texts) any {
	switch {
	case one.Push != nil:
		var receipt *C.hogwire_receipt
		input := string(one.Push.Input)
		check(C.hogwire_queue_execute(queue, all.text(one.Push.Operation), all.text(input), C.size_t(len(input)), &receipt))
		defer C.hogwire_receipt_free(receipt)
		return map[string]any{"receipt": json.RawMessage(C.GoString(C.hogwire_receipt_json(receipt)))}
	case one.Flush != nil:
		return report(func(made **C.hogwire_report) C.hogwire_status {
			return C.hogwire_queue_flush(queue, C.uint64_t(*one.Flush), made)
		})
	case one.Close != nil:
		return report(func(made **C.hogwire_report) C.hogwire_status {
			return C.hogwire_queue_close(queue, C.uint64_t(*one.Close), made)
		})
	case one.OptOut:
		check(C.hogwire_client_opt_out(client))
		return map[string]any{"opted": "out"}
	case one.OptIn:
		check(C.hogwire_client_opt_in(client))
		return map[string]any{"opted": "in"}
	default:
		return map[string]any{"waited": until(10*time.Second, func() bool {
			for name, least := range one.Wait {
				if stat(queue, name) < least {
					return false
				}
			}
			return true
		})}
	}
}

func (given *line) queue(client *C.hogwire_client, all *texts) string {
	story.drops, story.errors, story.deliveries, story.uuids = []dropped{}, []json.RawMessage{}, []delivery{}, 0
	var options *C.hogwire_queue_options
	var queue *C.hogwire_queue
	text := string(given.Options)
	check(C.hogwire_queue_options_new(all.text(text), C.size_t(len(text)), &options))
	defer C.hogwire_queue_options_free(options)
	check(C.hogwire_queue_options_set_on_drop(options, C.hogwire_on_drop_function(C.hogwire_adapter_on_drop), nil, nil))
	check(C.hogwire_queue_options_set_on_error(options, C.hogwire_on_error_function(C.hogwire_adapter_on_error), nil, nil))
	check(C.hogwire_queue_options_set_on_delivered(options,
		C.hogwire_on_delivered_function(C.hogwire_adapter_on_delivered), nil, nil))
	check(C.hogwire_queue_with_options(client, options, &queue))
	defer C.hogwire_queue_free(queue)
	entries := []any{}
	for index := range given.Steps {
		entries = append(entries, given.Steps[index].run(client, queue, all))
	}
	until(2*time.Second, func() bool {
		story.Lock()
		defer story.Unlock()
		return story.uuids >= stat(queue, "events_delivered_total") &&
			int64(len(story.drops)) >= stat(queue, "events_dropped_total") &&
			int64(len(story.errors)) >= stat(queue, "requests_failed_total")
	})
	story.Lock()
	defer story.Unlock()
	answer, _ := json.Marshal(map[string]any{
		"steps": entries, "stats": json.RawMessage(C.GoString(C.hogwire_queue_stats_json(queue))),
		"on_drop": story.drops, "on_error": story.errors, "on_delivered": story.deliveries,
	})
	return string(answer)
}
