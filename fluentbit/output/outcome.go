package output

import (
	"context"
	"net/http"
	"strings"
)

// verdict says what became of an event that was sent.
type verdict uint8

const (
	// retry: it is not known to be accepted, nor to be wrong; it must be sent again.
	retry verdict = iota
	// delivered: the server has it now.
	delivered
	// present: the server had it already, from an earlier try.
	present
	// refused: the server will not have it, however often it is sent.
	refused
	// split: the server refused the batch as a whole; its halves may fare better.
	split
)

// outcome is the verdict on one event, with the server's own words where it is not accepted.
type outcome struct {
	verdict verdict
	reason  string
}

// target is where events are delivered to.
type target interface {
	// send tries to deliver events in one request and returns an outcome for each.
	send(ctx context.Context, events []event) []outcome
	// close gives up what is held open.
	close()
}

// same returns one outcome for each of n events.
func same(n int, v verdict, reason string) []outcome {
	all := make([]outcome, n)
	for i := range all {
		all[i] = outcome{v, reason}
	}
	return all
}

// judge is the verdict that the status of an HTTP response means for all of a request.
func judge(status int) verdict {
	switch {
	case status >= 200 && status < 300:
		return delivered
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return retry
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return split
	}
	return refused
}

// maxWords is how much of a server's answer goes into a line of log.
const maxWords = 400

// words puts a server's answer on one line of printable text.
func words(answer []byte) string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return ' '
		}
		return r
	}, string(answer))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}
