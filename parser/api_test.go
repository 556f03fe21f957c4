// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// publicPackages are the directories of the packages whose API this module promises.
var publicPackages = []string{".", "record", "report"}

// TestAPI: each exported name of the public packages has a comment, and no exported signature has a
// type without a public name: an internal type that no public package gives an alias, or an
// unexported type.
func TestAPI(t *testing.T) {
	var packages []*apiPackage
	for _, dir := range publicPackages {
		packages = append(packages, readAPI(t, dir))
	}
	aliases := map[string]bool{}
	for _, p := range packages {
		maps.Copy(aliases, p.aliases())
	}
	names := 0
	for _, p := range packages {
		for _, problem := range p.problems(aliases) {
			t.Error(problem)
		}
		names += p.names
	}
	if names < 300 || len(aliases) < 2 {
		t.Errorf("%d exported names, %d aliases of internal types: the walk does not find them", names, len(aliases))
	}
}

// TestAPIProblems: the walk finds what it is there to find, in a package with one of each.
func TestAPIProblems(t *testing.T) {
	const source = `package p

import (
	"time"

	"example.com/m/internal/x"
	other "example.com/m/internal/y"
)

// Named has a public name.
type Named = x.Named

type NoComment int

// Struct is a struct.
type Struct struct {
	// A and B are covered by one comment.
	A int
	B time.Time

	Bare int
	// Leak leaks.
	Leak map[string][]*other.Hidden
	// Fine has a public name.
	Fine x.Named
	hidden other.Hidden
}

// Leaks leaks.
func Leaks(x.Named, func() x.Hidden) error { return nil }

// Unexported returns a type without a name.
func Unexported() (*hidden, error) { return nil, nil }

// Method is a method.
func (h *hidden) Method() other.Hidden { return other.Hidden{} }

func Bare[T any](t T) T { return t }

type hidden struct{}

const (
	First = iota // the first
	Second
)
`
	set := token.NewFileSet()
	f, err := goparser.ParseFile(set, "p.go", source, goparser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	p := &apiPackage{name: "p", set: set, files: []*ast.File{f}}
	got := p.problems(p.aliases())
	want := []string{"p.NoComment has no comment", "p.Struct.Bare has no comment", "p.Struct.Leak has the type example.com/m/internal/y.Hidden",
		"p.Leaks has the type example.com/m/internal/x.Hidden", "p.Unexported has the type hidden", "p.Bare has no comment", "p.Second has no comment"}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// apiPackage is the source of one package.
type apiPackage struct {
	name  string
	set   *token.FileSet
	files []*ast.File
	names int // the exported names that problems has seen
	found []string
}

func readAPI(t *testing.T, dir string) *apiPackage {
	t.Helper()
	p := &apiPackage{set: token.NewFileSet()}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(p.set, name, nil, goparser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if p.name = f.Name.Name; len(p.files) > 0 && p.files[0].Name.Name != p.name {
			t.Fatalf("%s: two packages", dir)
		}
		p.files = append(p.files, f)
	}
	if len(p.files) == 0 {
		t.Fatalf("%s: no package", dir)
	}
	return p
}

// imports returns the paths of a file's imports by the names that the file has for them.
func imports(f *ast.File) map[string]string {
	paths := map[string]string{}
	for _, i := range f.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		paths[name] = p
	}
	return paths
}

// aliases returns the internal types to which the package gives a public name.
func (p *apiPackage) aliases() map[string]bool {
	named := map[string]bool{}
	for _, f := range p.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok && ts.Assign != 0 && ts.Name.IsExported() {
					if sel, ok := ts.Type.(*ast.SelectorExpr); ok {
						named[imports(f)[sel.X.(*ast.Ident).Name]+"."+sel.Sel.Name] = true
					}
				}
			}
		}
	}
	return named
}

// problems returns what is wrong with the package's exported names, in the order of its source.
func (p *apiPackage) problems(aliases map[string]bool) []string {
	for _, f := range p.files {
		w := apiWalk{apiPackage: p, imports: imports(f), aliases: aliases}
		for _, d := range f.Decls {
			w.decl(d)
		}
	}
	return p.found
}

// apiWalk walks one file.
type apiWalk struct {
	*apiPackage
	imports map[string]string
	aliases map[string]bool
}

func (w *apiWalk) name(name string, commented bool) {
	if w.names++; !commented {
		w.found = append(w.found, fmt.Sprintf("%s.%s has no comment", w.apiPackage.name, name))
	}
}

func (w *apiWalk) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			receiver := receiverOf(d.Recv.List[0].Type)
			if name = receiver + "." + name; !ast.IsExported(receiver) {
				return
			}
		}
		if d.Name.IsExported() {
			w.name(name, d.Doc != nil)
			w.types(name, d.Type, typeParams(d.Type.TypeParams))
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					w.name(s.Name.Name, d.Doc != nil || s.Doc != nil)
					w.typeSpec(s)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						w.name(n.Name, s.Doc != nil || s.Comment != nil || d.Doc != nil)
						w.types(n.Name, s.Type, nil)
					}
				}
			}
		}
	}
}

// receiverOf returns the name of a method's receiver.
func receiverOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverOf(e.X)
	case *ast.IndexExpr:
		return receiverOf(e.X)
	}
	return e.(*ast.Ident).Name
}

// typeParams returns the names of type parameters.
func typeParams(list *ast.FieldList) map[string]bool {
	names := map[string]bool{}
	if list != nil {
		for _, f := range list.List {
			for _, n := range f.Names {
				names[n.Name] = true
			}
		}
	}
	return names
}

// typeSpec looks at what a type declares. An alias says nothing of its own.
func (w *apiWalk) typeSpec(s *ast.TypeSpec) {
	params := typeParams(s.TypeParams)
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		if s.Assign == 0 {
			w.types(s.Name.Name, s.Type, params)
		}
		return
	}
	// A comment covers the fields that follow it without an empty line or another comment.
	covered, last := false, 0
	for _, f := range st.Fields.List {
		line := w.set.Position(f.Pos()).Line
		covered = covered && line == last+1 || f.Doc != nil || f.Comment != nil
		last = w.set.Position(f.End()).Line
		for _, n := range f.Names {
			if n.IsExported() {
				w.name(s.Name.Name+"."+n.Name, covered)
				w.types(s.Name.Name+"."+n.Name, f.Type, params)
			}
		}
		if len(f.Names) == 0 {
			w.types(s.Name.Name, f.Type, params)
		}
	}
}

// types looks for types without a public name in a type.
func (w *apiWalk) types(name string, e ast.Node, params map[string]bool) {
	if e == nil || e == ast.Expr(nil) {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field: // its names are no types
			w.types(name, n.Type, params)
			return false
		case *ast.SelectorExpr:
			full := w.imports[n.X.(*ast.Ident).Name] + "." + n.Sel.Name
			if strings.Contains(full, "/internal/") && !w.aliases[full] {
				w.found = append(w.found, fmt.Sprintf("%s.%s has the type %s", w.apiPackage.name, name, full))
			}
			return false
		case *ast.Ident:
			if !n.IsExported() && !params[n.Name] && !predeclared[n.Name] && n.Name != "_" {
				w.found = append(w.found, fmt.Sprintf("%s.%s has the type %s", w.apiPackage.name, name, n.Name))
			}
		}
		return true
	})
}

var predeclared = func() map[string]bool {
	names := map[string]bool{}
	for _, n := range strings.Fields("any bool byte comparable error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr") {
		names[n] = true
	}
	return names
}()
