package metrics

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const composeFolder = "../../deploy/compose"

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// What the compose files mount is there, the data source that is provisioned is
// the one that the dashboard asks for, and nothing listens beyond this machine.
func TestComposeFiles(t *testing.T) {
	for _, source := range []string{GrafanaInfluxDB, GrafanaPrometheus} {
		var compose struct {
			Services map[string]struct {
				Image   string
				Ports   []string
				Volumes []string
			}
		}
		readYAML(t, filepath.Join(composeFolder, source+".yml"), &compose)
		if len(compose.Services) != 2 || compose.Services[source].Image == "" {
			t.Errorf("%s.yml has services %v", source, compose.Services)
		}
		inside := map[string]string{}
		for name, service := range compose.Services {
			for _, port := range service.Ports {
				if !strings.HasPrefix(port, "127.0.0.1:") {
					t.Errorf("%s listens on %s", name, port)
				}
			}
			for _, volume := range service.Volumes {
				from, to, _ := strings.Cut(strings.TrimSuffix(volume, ":ro"), ":")
				if !strings.HasPrefix(from, ".") {
					continue
				}
				if _, err := os.Stat(filepath.Join(composeFolder, from)); err != nil {
					t.Errorf("%s mounts what is not there: %v", name, err)
				}
				inside[to] = from
			}
		}
		var sources struct {
			APIVersion  int `yaml:"apiVersion"`
			Datasources []struct{ Type, URL string }
		}
		readYAML(t, filepath.Join(composeFolder, inside["/etc/grafana/provisioning/datasources/"+source+".yml"]), &sources)
		if sources.APIVersion != 1 || len(sources.Datasources) != 1 || sources.Datasources[0].Type != source ||
			!strings.HasPrefix(sources.Datasources[0].URL, "http://"+source+":") {
			t.Errorf("%s: data sources %+v", source, sources)
		}
		var dashboards struct {
			Providers []struct {
				Type    string
				Options struct{ Path string }
			}
		}
		readYAML(t, filepath.Join(composeFolder, inside["/etc/grafana/provisioning/dashboards/weir.yml"]), &dashboards)
		if len(dashboards.Providers) != 1 || inside[dashboards.Providers[0].Options.Path+"/"+source+".json"] == "" {
			t.Errorf("%s: providers %+v, mounted %v", source, dashboards, inside)
		}
	}
}
