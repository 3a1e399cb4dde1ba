package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"weir/internal/price"
)

// machineFlags are what else is paid for while a plan is carried out on AWS.
type machineFlags struct {
	generator     string
	count         int
	nat           bool
	endpointZones int
	dashboards    float64
	customMetrics float64
}

func (f *machineFlags) register(s *pflag.FlagSet) {
	s.StringVar(&f.generator, "generator", "", "machine that puts the records: c7g.large, c6i.large, c8g.large, fargate-x86:2x4 or\nfargate-arm:2x4 (vCPUs x GB); none: one that costs nothing")
	s.IntVar(&f.count, "generators", 1, "how many of them")
	s.BoolVar(&f.nat, "nat", false, "the records go through a NAT gateway")
	s.IntVar(&f.endpointZones, "endpoint-zones", 0, "the records go through an interface endpoint in so many zones")
	s.Float64Var(&f.dashboards, "dashboards", 0, "CloudWatch dashboards, each for a month")
	s.Float64Var(&f.customMetrics, "custom-metrics", 0, "custom metrics that are sent while there is load")
}

// machines are the generators by name, as items of an hour of one.
var machines = map[string]price.Dimension{
	"c7g.large": price.GeneratorC7gLarge, "c6i.large": price.GeneratorC6iLarge, "c8g.large": price.GeneratorC8gLarge,
}

var fargates = map[string][2]price.Dimension{
	"fargate-x86": {price.FargateX86CPU, price.FargateX86Memory}, "fargate-arm": {price.FargateARMCPU, price.FargateARMMemory},
}

// setup adds the flags' items to the typical setup.
func (f *machineFlags) setup() (price.Setup, error) {
	s := price.TypicalSetup
	if f.count < 1 || f.endpointZones < 0 || !(f.dashboards >= 0) || !(f.customMetrics >= 0) {
		return s, usagef("--generators must be 1 or more; --endpoint-zones, --dashboards and --custom-metrics not below 0")
	}
	hourly, err := machineHour(f.generator)
	if err != nil {
		return s, err
	}
	for _, q := range hourly {
		s.Hourly = append(s.Hourly, price.Quantity{Item: q.Item, Amount: q.Amount * float64(f.count)})
	}
	if f.nat {
		s.Hourly = append(s.Hourly, price.Quantity{Item: price.NATHour, Amount: 1})
		s.PerGB = append(s.PerGB, price.Quantity{Item: price.NATData, Amount: 1})
	}
	if f.endpointZones > 0 {
		s.Hourly = append(s.Hourly, price.Quantity{Item: price.InterfaceEndpointHour, Amount: float64(f.endpointZones)})
		s.PerGB = append(s.PerGB, price.Quantity{Item: price.InterfaceEndpointBytes, Amount: 1})
	}
	s.Dashboards, s.CustomMetrics = f.dashboards, f.customMetrics
	return s, nil
}

// machineHour are the items of an hour of a machine; none of none.
func machineHour(name string) ([]price.Quantity, error) {
	if name == "" {
		return nil, nil
	}
	if d, ok := machines[name]; ok {
		return []price.Quantity{{Item: d, Amount: 1}}, nil
	}
	kind, size, _ := strings.Cut(name, ":")
	cpus, memory, _ := strings.Cut(size, "x")
	d, known := fargates[kind]
	n, err := strconv.ParseFloat(cpus, 64)
	gb, errGB := strconv.ParseFloat(memory, 64)
	if !known || err != nil || errGB != nil || !(n > 0) || !(gb > 0) {
		names := slices.Sorted(maps.Keys(machines))
		return nil, usage(fmt.Errorf("--generator %q is no machine with a price here", name), strings.Join(names, ", ")+", fargate-x86:2x4, fargate-arm:2x4")
	}
	return []price.Quantity{{Item: d[0], Amount: n}, {Item: d[1], Amount: gb}}, nil
}
