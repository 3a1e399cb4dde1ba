// Package runbook writes what to do when a pipeline is in trouble, with the
// numbers of a run of it: the symptom, what to check, what to do and how to
// know that it worked. It is pure.
package runbook

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Step is something to do: a sentence and, where there is one, the command.
type Step struct{ Text, Command string }

// Book is what to do about one trouble.
type Book struct {
	Name    string // as the command line has it
	Title   string
	Symptom []string
	Checks  []Step
	Actions []Step
	Worked  []string // how to know
}

// Books are all runbooks of a run, those of the more frequent troubles first.
func Books(f Figures) []Book {
	return []Book{
		f.iteratorAge(), f.throttling(), f.errors(), f.slowFunction(), f.hotShard(), f.expiring(), f.costJump(),
	}
}

// Names are the books' names.
func Names(books []Book) []string {
	var names []string
	for _, b := range books {
		names = append(names, b.Name)
	}
	return names
}

// Named is the book of that name.
func Named(books []Book, name string) (Book, bool) {
	i := slices.IndexFunc(books, func(b Book) bool { return b.Name == name })
	if i < 0 {
		return Book{}, false
	}
	return books[i], true
}

// Markdown writes books for one run.
func Markdown(w io.Writer, f Figures, books []Book) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Runbooks: %s → %s\n\n", inline(f.stream), inline(f.function))
	fmt.Fprintf(&b, "Figures of run %s%s: %s with %s, batches of up to %d, parallelization factor %d, timeout %d s, retention %d h.\n",
		inline(f.run), f.model(), perSecond(f.rate), shardsText(f.found.Shards), f.found.BatchSize, f.found.Parallelization, f.found.TimeoutSeconds, f.found.RetentionHours)
	for _, book := range books {
		book.markdown(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (book Book) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n**Symptom.** %s\n", book.Title, strings.Join(book.Symptom, " "))
	steps(b, "Check", book.Checks)
	steps(b, "Act", book.Actions)
	b.WriteString("\n**It worked when:**\n\n")
	for _, text := range book.Worked {
		b.WriteString("- " + text + "\n")
	}
}

func steps(b *strings.Builder, title string, all []Step) {
	fmt.Fprintf(b, "\n**%s:**\n", title)
	for i, s := range all {
		fmt.Fprintf(b, "\n%d. %s\n", i+1, s.Text)
		if s.Command != "" {
			b.WriteString("\n   ```sh\n   " + strings.ReplaceAll(s.Command, "\n", "\n   ") + "\n   ```\n")
		}
	}
}

// inline is a name from outside within Markdown text.
func inline(s string) string {
	return strings.NewReplacer("`", "", "<", "&lt;", "\n", " ", "\r", " ", "*", `\*`, "_", `\_`, "[", `\[`, "|", `\|`).Replace(s)
}
