package price

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
)

// ListURL is where AWS publishes its price lists, for anybody.
const ListURL = "https://pricing.us-east-1.amazonaws.com"

// largestOffer bounds a price list file: Kinesis's and Lambda's are of a few
// hundred kilobytes.
const largestOffer = 64 << 20

// Refresh reads the prices of a region from AWS's price list files under a URL:
// those of Kinesis, Lambda, CloudWatch, ECS and VPC. Missing are the dimensions
// of them that the files don't have.
func Refresh(ctx context.Context, client *http.Client, url, region string) (t *Table, missing []Dimension, err error) {
	t = &Table{regions: map[string]map[Dimension]Cell{region: {}}}
	for _, service := range slices.Sorted(maps.Keys(picks)) {
		cells, o, err := fetch(ctx, client, fmt.Sprintf("%s/offers/v1.0/aws/%s/current/%s/index.json", url, service, region), service, region)
		if err != nil {
			return nil, nil, err
		}
		published := o.PublicationDate[:len("2026-11-22")]
		if t.AsOf == "" || published < t.AsOf {
			t.AsOf = published
		}
		for _, p := range picks[service] {
			c, ok := cells[p.dimension]
			if !ok {
				missing = append(missing, p.dimension)
				continue
			}
			c.Source, c.Grade, c.AsOf = fmt.Sprintf("AWS's price list %s, version %s", service, o.Version), "A", published
			t.regions[region][p.dimension] = c
		}
	}
	return t, missing, nil
}

func fetch(ctx context.Context, client *http.Client, url, service, region string) (map[Dimension]Cell, *offer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for the price list of %s: %w", service, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch the price list of %s: %w", service, err)
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("fetch the price list of %s: %s answers %s", service, url, response.Status)
	}
	return readOffer(io.LimitReader(response.Body, largestOffer), service, region)
}

// tableFile is the form of prices.json.
type tableFile struct {
	AsOf    string                            `json:"as_of"`
	Sources map[string]fileSource             `json:"sources"`
	Regions map[string]map[Dimension]fileCell `json:"regions"`
}

type fileSource struct {
	Grade string `json:"grade"`
	Text  string `json:"text"`
	AsOf  string `json:"as_of,omitempty"` // empty: the table's
}

type fileCell struct {
	Unit   string   `json:"unit"`
	USD    *float64 `json:"usd,omitempty"` // of every unit, in place of Tiers
	Tiers  []Tier   `json:"tiers,omitempty"`
	Source string   `json:"source"`
}

// Write writes the table in the form that Read reads.
func (t *Table) Write(w io.Writer) error {
	file := tableFile{AsOf: t.AsOf, Sources: map[string]fileSource{}, Regions: map[string]map[Dimension]fileCell{}}
	for region, cells := range t.regions {
		file.Regions[region] = map[Dimension]fileCell{}
		for d, c := range cells {
			file.Sources[c.Source] = fileSource{Grade: c.Grade, Text: c.Source, AsOf: c.AsOf}
			file.Regions[region][d] = fileCell{Unit: c.Unit, Tiers: c.Tiers, Source: c.Source}
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(file); err != nil {
		return fmt.Errorf("write prices: %w", err)
	}
	return nil
}

// Read reads a table: prices.json shows its form.
func Read(r io.Reader) (*Table, error) {
	text, err := io.ReadAll(io.LimitReader(r, largestOffer))
	if err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	return parse(text)
}

// With is the table with another's cells in place of its own.
func (t *Table) With(other *Table) *Table {
	both := &Table{AsOf: t.AsOf, regions: map[string]map[Dimension]Cell{}}
	for _, from := range []*Table{t, other} {
		for region, cells := range from.regions {
			if both.regions[region] == nil {
				both.regions[region] = map[Dimension]Cell{}
			}
			maps.Copy(both.regions[region], cells)
		}
	}
	return both
}

// Change is a price that differs between two tables; nil is none.
type Change struct {
	Region    string    `json:"region"`
	Dimension Dimension `json:"item"`
	Before    []Tier    `json:"before"`
	After     []Tier    `json:"after"`
}

// Changes are the cells of other whose prices t has otherwise or not at all.
func (t *Table) Changes(other *Table) []Change {
	var all []Change
	for _, region := range other.Regions() {
		for _, d := range slices.Sorted(maps.Keys(other.regions[region])) {
			before, after := t.regions[region][d].Tiers, other.regions[region][d].Tiers
			if !slices.Equal(before, after) {
				all = append(all, Change{region, d, before, after})
			}
		}
	}
	return all
}
