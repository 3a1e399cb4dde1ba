package judge

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Whatever series the package's code names, Reads knows.
func TestReadsWhatIsRead(t *testing.T) {
	named := texts(t, "../metrics")
	seen := 0
	for _, file := range sources(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if of, ok := s.X.(*ast.Ident); !ok || of.Name != "metrics" || s.Sel.Name == "ProbeNamespace" {
				return true // another package's, or a namespace
			}
			if series, ok := named[s.Sel.Name]; ok {
				seen++
				if !Reads(series) {
					t.Errorf("metrics.%s is read, and Reads denies it", s.Sel.Name)
				}
			}
			return true
		})
	}
	if seen < len(read) {
		t.Errorf("the code names series %d times, fewer than the %d that are said to be read", seen, len(read))
	}
}

// sources are a package's files without its tests and, for this one, the list
// itself.
func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "reads.go" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// texts are a package's constants that are literal strings.
func texts(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, file := range sources(t, dir) {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				c := spec.(*ast.ValueSpec)
				for i, v := range c.Values {
					if literal, ok := v.(*ast.BasicLit); ok && literal.Kind == token.STRING {
						text, err := strconv.Unquote(literal.Value)
						if err != nil {
							t.Fatal(err)
						}
						all[c.Names[i].Name] = text
					}
				}
			}
		}
	}
	return all
}
