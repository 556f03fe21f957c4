// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/oomtrail/oomtrail/parser/record"
)

func TestDeliveredIsBounded(t *testing.T) {
	var d Delivered
	for i := range 3 * maxDelivered {
		r := &record.Record{Position: int64(i)}
		d.Add(r.With(record.Attr{Name: "oom.record.key", Value: record.StringValue(fmt.Sprint(i))}))
	}
	assert.Len(t, d, maxDelivered)
	d.ForgetBefore(3*maxDelivered - 1)
	assert.Equal(t, []string{fmt.Sprint(3*maxDelivered - 1)}, d.AppendKeys(nil))
	d.ForgetBefore(3 * maxDelivered)
	assert.Nil(t, d)
}
