package record

import "testing"

// TestIsResource: what the builder takes for a resource is what the table calls one.
func TestIsResource(t *testing.T) {
	for i := range Fields {
		if f := &Fields[i]; isResource(f.Name) != f.Resource {
			t.Errorf("%s: %v in the table", f.Name, f.Resource)
		}
	}
}
