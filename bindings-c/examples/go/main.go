// CGO_CFLAGS=$(pkg-config --cflags hogwire) CGO_LDFLAGS=$(pkg-config --libs hogwire) \
// LD_LIBRARY_PATH=$(pkg-config --variable=libdir hogwire) POSTHOG_API_KEY=phc_... go run .
package main

/*
#include <hogwire.h>
#include <stdlib.h>
*/
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
	"unsafe"
)

// Client sends calls and answers each. Any number of goroutines may use one.
type Client struct{ handle *C.hogwire_client }

// Outcome is what happened to one call.
type Outcome struct {
	StatusCode   int
	ErrorMessage string
	ErrorCode    string
	Delivery     string
	EventUuid    *string
}

// FromEnv makes a client of POSTHOG_API_KEY and POSTHOG_HOST.
func FromEnv() (*Client, error) {
	// The sentence about a failure belongs to the thread, and a goroutine may change threads between two calls.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	client := &Client{}
	if C.hogwire_client_from_env(nil, 0, &client.handle) != C.HOGWIRE_OK {
		return nil, errors.New(C.GoString(C.hogwire_last_error()))
	}
	return client, nil
}

// Close frees the client; no goroutine may be using it.
func (client *Client) Close() { C.hogwire_client_free(client.handle) }

// Execute calls an operation by its name, with its parameters under the reference's names.
func (client *Client) Execute(operation string, parameters map[string]any) (Outcome, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	input, problem := json.Marshal(parameters)
	if problem != nil {
		return Outcome{}, problem
	}
	name, text := C.CString(operation), C.CString(string(input))
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	var handle *C.hogwire_outcome
	if C.hogwire_execute(client.handle, name, text, C.size_t(len(input)), &handle) != C.HOGWIRE_OK {
		return Outcome{}, errors.New(C.GoString(C.hogwire_last_error()))
	}
	defer C.hogwire_outcome_free(handle)
	var outcome Outcome
	problem = json.Unmarshal([]byte(C.GoString(C.hogwire_outcome_json(handle))), &outcome)
	return outcome, problem
}

// Queue takes events at once and delivers them in the background. Any number of goroutines may use one.
type Queue struct{ handle *C.hogwire_queue }

// Receipt is what became of handing one event to a queue.
type Receipt struct {
	EventUuid    *string
	Queued       bool
	ErrorCode    string
	ErrorMessage string
}

// Report is what became of a queue's events since its last report.
type Report struct {
	Delivered, Pending, DroppedTotal uint64
	Dropped                          []struct{ Uuid, Reason, Message string }
	LastError                        string
}

// Queue makes a queue with options such as "flush_at"; nil is none.
func (client *Client) Queue(options map[string]any) (*Queue, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if options == nil { // which JSON would write as null
		options = map[string]any{}
	}
	input, problem := json.Marshal(options)
	if problem != nil {
		return nil, problem
	}
	text := C.CString(string(input))
	defer C.free(unsafe.Pointer(text))
	queue := &Queue{}
	if C.hogwire_queue_new(client.handle, text, C.size_t(len(input)), &queue.handle) != C.HOGWIRE_OK {
		return nil, errors.New(C.GoString(C.hogwire_last_error()))
	}
	return queue, nil
}

// Push takes in an operation by its name, as Execute does.
func (queue *Queue) Push(operation string, parameters map[string]any) (Receipt, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	input, problem := json.Marshal(parameters)
	if problem != nil {
		return Receipt{}, problem
	}
	name, text := C.CString(operation), C.CString(string(input))
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	var handle *C.hogwire_receipt
	if C.hogwire_queue_execute(queue.handle, name, text, C.size_t(len(input)), &handle) != C.HOGWIRE_OK {
		return Receipt{}, errors.New(C.GoString(C.hogwire_last_error()))
	}
	defer C.hogwire_receipt_free(handle)
	var receipt Receipt
	problem = json.Unmarshal([]byte(C.GoString(C.hogwire_receipt_json(handle))), &receipt)
	return receipt, problem
}

// Close delivers what is left, for at most this time, and frees the queue; no goroutine may be using it.
func (queue *Queue) Close(timeout time.Duration) (Report, error) {
	defer C.hogwire_queue_free(queue.handle)
	var handle *C.hogwire_report
	// What time.Until gives may be negative, which C would take for ages.
	if C.hogwire_queue_close(queue.handle, C.uint64_t(max(0, timeout.Milliseconds())), &handle) != C.HOGWIRE_OK {
		return Report{}, errors.New("the queue could not be closed")
	}
	defer C.hogwire_report_free(handle)
	var report Report
	problem := json.Unmarshal([]byte(C.GoString(C.hogwire_report_json(handle))), &report)
	return report, problem
}

func main() {
	client, problem := FromEnv()
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		os.Exit(1)
	}
	defer client.Close()
	outcome, problem := client.Execute("event", map[string]any{
		"DistinctId": "user-12345",
		"EventName":  "User Signed Up",
		"Properties": map[string]any{"plan": "premium", "source": "web_form"},
	})
	fmt.Println(outcome.StatusCode, outcome.Delivery, outcome.ErrorMessage, problem)
	if _, problem = client.Execute("capture", nil); problem != nil {
		fmt.Println(problem)
	}

	queue, problem := client.Queue(map[string]any{"flush_at": 50})
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		os.Exit(1)
	}
	receipt, problem := queue.Push("event", map[string]any{"DistinctId": "user-12345", "EventName": "Song Played"})
	fmt.Println(receipt.Queued, receipt.ErrorMessage, problem)
	report, problem := queue.Close(10 * time.Second)
	fmt.Println(report.Delivered, "delivered,", report.Pending, "pending", problem)
}
