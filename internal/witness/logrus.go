// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// logrus is a line as the Go library of that name prints it, `time="…" level=info msg="…" k=v` or a
// JSON object with the same members.
type logrus struct {
	// Msg is the message, the whole text where the line has another form.
	Msg string `json:"msg"`
	// Time is as printed, RFC 3339.
	Time string `json:"time"`
	// Container is a field of dockerd's lines.
	Container string `json:"container"`
}

// maxLogrus bounds the lines that are read.
const maxLogrus = 16 << 10

// readLogrus reads a line. It allocates for a line of that form alone.
func readLogrus(text string) logrus {
	whole := logrus{Msg: text}
	text = strings.TrimRight(text, " \r\n")
	if len(text) > maxLogrus {
		return whole
	}
	var l logrus
	switch {
	case strings.HasPrefix(text, "{"):
		if json.Unmarshal([]byte(text), &l) != nil || l.Msg == "" {
			return whole
		}
		return l
	case !strings.HasPrefix(text, "time=") && !strings.HasPrefix(text, "level="):
		return whole
	}
	for text != "" {
		key, value, rest, ok := cutPair(text)
		if !ok {
			return whole
		}
		switch key {
		case "msg":
			l.Msg = value
		case "time":
			l.Time = value
		case "container":
			l.Container = value
		}
		text = rest
	}
	if l.Msg == "" {
		return whole
	}
	return l
}

// cutPair cuts `key=value ` from the start of s. The value may be a quoted string of Go.
func cutPair(s string) (key, value, rest string, ok bool) {
	key, rest, ok = strings.Cut(s, "=")
	if !ok || key == "" || strings.ContainsAny(key, " \"") {
		return "", "", "", false
	}
	if strings.HasPrefix(rest, `"`) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return "", "", "", false
		}
		value, err = strconv.Unquote(quoted)
		if err != nil {
			return "", "", "", false
		}
		rest = rest[len(quoted):]
		if rest != "" && rest[0] != ' ' {
			return "", "", "", false
		}
	} else {
		value, rest, _ = strings.Cut(rest, " ")
	}
	return key, value, strings.TrimLeft(rest, " "), true
}

// at returns the time of the line, zero where it has none.
func (l *logrus) at() time.Time {
	t, err := time.Parse(time.RFC3339Nano, l.Time)
	if err != nil {
		return time.Time{}
	}
	return t
}
