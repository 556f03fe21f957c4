// SPDX-License-Identifier: Apache-2.0

package output

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
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
	// refused: the server will not have this very event, however often it is sent.
	refused
	// split: the server refused the batch as a whole; its halves may fare better.
	split
)

// outcome is the verdict on one event.
type outcome struct {
	verdict verdict
	// status is the HTTP status that the verdict rests on, 0 where no answer came.
	status int
	// reason says why it was not accepted, in the server's own words.
	reason string
	// remedy is what a person can do about it, "" where nothing is known.
	remedy string
}

// target is where events are delivered to.
type target interface {
	// send tries to deliver events in one request and returns an outcome for each.
	send(ctx context.Context, events []event) []outcome
	// close gives up what is held open.
	close()
}

// all returns one outcome for each of n events.
func all(n int, o outcome) []outcome {
	outcomes := make([]outcome, n)
	for i := range outcomes {
		outcomes[i] = o
	}
	return outcomes
}

// unanswered is the outcome where no answer came.
func unanswered(err error) outcome {
	return outcome{verdict: retry, reason: words([]byte(err.Error())), remedy: "check that the server runs and that Url is its address"}
}

// judge is the verdict that a status means. Only what names the record itself is refused for good:
// it would be so at the next try. Everything else, a wrong password and a wrong address too, is
// somebody's to mend, and the records wait until he has.
func judge(status int) verdict {
	switch {
	case status >= 200 && status < 300:
		return delivered
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return split
	}
	return retry
}

// judgeAnswer is the outcome that an answer means for all of its request. notOfTheRecord reports,
// of an answer whose status names the record, whether its words name something else, under which
// every record fares alike until somebody has mended it.
func judgeAnswer(target string, status int, header http.Header, answer []byte, notOfTheRecord func([]byte) (remedy string, ok bool)) outcome {
	o := outcome{verdict: judge(status), status: status, remedy: remedy(target, status)}
	o.reason = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, http.StatusText(status)))
	if at := redirection(status, header); at != "" {
		o.reason += " to " + at
	}
	if text := words(answer); text != "" {
		o.reason += ": " + text
	}
	if status == http.StatusRequestEntityTooLarge {
		return o // a proxy's word on the size of a body is as good as the server's
	}
	if isPage(header) && o.verdict != retry {
		o.verdict, o.remedy = retry, "check Url: a page for people came in place of the answer of "+target
	}
	if o.verdict != split {
		return o
	}
	if strings.HasPrefix(string(answer), "Client sent an HTTP request to an HTTPS server") { // Go's own server
		o.verdict, o.remedy = retry, "use https:// in Url"
	} else if what, ok := notOfTheRecord(answer); ok {
		o.verdict, o.remedy = retry, what
	}
	return o
}

// isPage reports whether an answer is a page for people. A proxy, a load balancer or a form for
// signing in made it: it says nothing about a record, nor that one was stored.
func isPage(header http.Header) bool {
	return strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/html")
}

// redirection returns where an answer sends the client, without what may be a secret; "" for one
// that sends it nowhere.
func redirection(status int, header http.Header) string {
	at := header.Get("Location")
	if status < 300 || status > 399 || at == "" {
		return ""
	}
	u, err := url.Parse(at)
	if err != nil {
		return "" // its text might hold a secret
	}
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	return words([]byte(u.String()))
}

// remedy returns what a person can do about a status.
func remedy(target string, status int) string {
	elastic := target == targetElasticsearch
	switch {
	case status == http.StatusUnauthorized && elastic:
		return "check Http_User and Http_Passwd, Bearer_Token or Http_Api_Key"
	case status == http.StatusUnauthorized:
		return "check Http_User and Http_Passwd, or Bearer_Token, and Tenant_Id"
	case status == http.StatusForbidden && elastic:
		return "give these credentials the rights create_doc and auto_configure on Index, or lift the block of the index, which a full disk sets"
	case status == http.StatusForbidden:
		return "give these credentials the right to write, to this Tenant_Id"
	case status == http.StatusNotFound && elastic:
		return "check the path in Url, and that the index exists or may be created"
	case status == http.StatusNotFound:
		return "check the path in Url"
	case status == http.StatusProxyAuthRequired:
		return "give the proxy's user and password in the environment's HTTP_PROXY or HTTPS_PROXY"
	case status >= 300 && status < 400:
		return "set Url to where it points, if that is " + target + ": no redirection is followed, it would take the credentials elsewhere"
	case status == http.StatusTooManyRequests:
		return "if it stays so, raise the server's limits"
	case passes(status):
		return "if it stays so, see the server's own log"
	case status >= 400 && judge(status) == retry:
		return "check Url: what answers there does not take records"
	}
	return ""
}

// passes reports whether a status that means another try is one that may pass by itself.
func passes(status int) bool {
	return status == 0 || status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests
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
