package price

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// pick says where a dimension is in a service's price list file. Attributes are
// those of a product: docs.aws.amazon.com awsaccountbilling/latest/aboutv2
// reading-service-price-list-file-for-services, 2026-11-22.
type pick struct {
	dimension Dimension
	unit      string
	usageType string // the end of it; a region's code and a dash may stand before
	group     string // empty: any
}

// picks are the dimensions that can be read from price list files, by the
// services' codes. EC2's file, with the generators, NAT gateways and traffic, is
// of hundreds of megabytes and is not read.
var picks = map[string][]pick{
	"AmazonKinesis": {
		{ShardHour, "shard-hour", "Storage-ShardHour", ""},
		{PutUnit, "payload unit", "PutRequestPayloadUnits", ""},
		{ExtendedRetention, "shard-hour", "Extended-ShardHour", ""},
		{LongTermRetention, "GB-month", "LongTermRetention-ByteHrs", ""},
		{LongTermRead, "GB", "LongTermRetention-ReadBytes", ""},
		{FanOutShardHour, "consumer-shard-hour", "EnhancedFanoutHour", ""},
		{FanOutRead, "GB", "ReadBytes", ""},
		{OnDemandStreamHour, "stream-hour", "OnDemand-StreamHour", "OnDemand"},
		{OnDemandIn, "GB", "OnDemand-BilledIncomingBytes", "OnDemand"},
		{OnDemandOut, "GB", "OnDemand-BilledOutgoingBytes", "OnDemand"},
		{OnDemandFanOut, "GB", "OnDemand-BilledOutgoingEFOBytes", "OnDemand"},
		{OnDemandRetention, "GB-month", "OnDemand-ExtendedRetention-ByteHrs", "OnDemand"},
		{AdvantageIn, "GB", "OnDemand-BilledIncomingBytes", "OnDemand Advantage"},
		{AdvantageOut, "GB", "OnDemand-BilledOutgoingBytes", "OnDemand Advantage"},
	},
	"AWSLambda": {
		{LambdaRequest, "request", "Request", "AWS-Lambda-Requests"},
		{LambdaX86, "GB-second", "Lambda-GB-Second", "AWS-Lambda-Duration"},
		{LambdaARM, "GB-second", "Lambda-GB-Second-ARM", "AWS-Lambda-Duration-ARM"},
		{LambdaStorage, "GB-second", "Lambda-Storage-GB-Second", ""},
		{LambdaProvisioned, "GB-second", "Lambda-Provisioned-Concurrency", ""},
		{LambdaProvisionedUse, "GB-second", "Lambda-Provisioned-GB-Second", ""},
	},
	"AmazonCloudWatch": {
		{CustomMetric, "metric-month", "CW:MetricMonitorUsage", ""},
		{GetMetricData, "metric requested", "CW:GMD-Metrics", ""},
		{CloudWatchRequest, "request", "CW:Requests", ""},
		{Alarm, "alarm-month", "CW:AlarmMonitorUsage", ""},
		{AlarmHighResolution, "alarm-month", "CW:HighResAlarmMonitorUsage", ""},
		{AlarmComposite, "alarm-month", "CW:CompositeAlarmMonitorUsage", ""},
		{LogIngest, "GB", "DataProcessing-Bytes", ""},
		{LogIngestInfrequent, "GB", "DataProcessingIA-Bytes", ""},
		{LogStorage, "GB-month", "TimedStorage-ByteHrs", ""},
		{LogInsights, "GB scanned", "DataScanned-Bytes", ""},
		{Dashboard, "dashboard-month", "DashboardsUsageHour", ""},
	},
	"AmazonECS": {
		{FargateX86CPU, "vCPU-hour", "Fargate-vCPU-Hours:perCPU", ""},
		{FargateX86Memory, "GB-hour", "Fargate-GB-Hours", ""},
		{FargateARMCPU, "vCPU-hour", "Fargate-ARM-vCPU-Hours:perCPU", ""},
		{FargateARMMemory, "GB-hour", "Fargate-ARM-GB-Hours", ""},
	},
	"AmazonVPC": {
		{InterfaceEndpointHour, "hour per zone", "VpcEndpoint-Hours", ""},
		{InterfaceEndpointBytes, "GB", "VpcEndpoint-Bytes", ""},
	},
}

// prefix is a region's code before a usage type: EUC1-, APN1-, EU-; us-east-1
// mostly has none.
var prefix = regexp.MustCompile(`^[A-Z]+[0-9]*-$`)

// offer is a price list file of one service in one region.
type offer struct {
	OfferCode       string
	Version         string
	PublicationDate string
	Products        map[string]struct {
		ProductFamily string
		Attributes    struct{ UsageType, Group, RegionCode string }
	}
	Terms struct {
		OnDemand map[string]map[string]struct {
			PriceDimensions map[string]struct {
				BeginRange   string
				PricePerUnit map[string]string
			}
		}
	}
}

// readOffer reads the dimensions that a price list file has of a service in a
// region. Those it has not are missing; two prices for one are an error, and so
// is another service's or region's file.
func readOffer(r io.Reader, service, region string) (map[Dimension]Cell, *offer, error) {
	var o offer
	if err := json.NewDecoder(r).Decode(&o); err != nil {
		return nil, nil, fmt.Errorf("read the price list of %s: %w", service, err)
	}
	if o.OfferCode != service || len(o.PublicationDate) < len("2026-11-22") {
		return nil, nil, fmt.Errorf("read the price list of %s: it is of %q, published %q", service, o.OfferCode, o.PublicationDate)
	}
	cells := map[Dimension]Cell{}
	for _, p := range picks[service] {
		c, ok, err := o.cell(p, region)
		if err != nil {
			return nil, nil, fmt.Errorf("read the price list of %s: %w", service, err)
		}
		if ok {
			cells[p.dimension] = c
		}
	}
	return cells, &o, nil
}

// cell is one price; ok is false where the file has none.
func (o *offer) cell(p pick, region string) (c Cell, ok bool, err error) {
	var from string
	for sku, product := range o.Products {
		a := product.Attributes
		if a.RegionCode != region || !p.matches(a.UsageType, a.Group) {
			continue
		}
		tiers, err := o.tiers(sku)
		if err != nil {
			return Cell{}, false, fmt.Errorf("%s (SKU %s): %w", a.UsageType, sku, err)
		}
		if len(tiers) == 0 {
			continue // all of it is free: a free tier of its own
		}
		if ok && !slices.Equal(tiers, c.Tiers) {
			return Cell{}, false, fmt.Errorf("SKUs %s and %s both are %s in %s, at different prices", from, sku, p.usageType, region)
		}
		c, ok, from = Cell{Unit: p.unit, Tiers: tiers}, true, sku
	}
	return c, ok, nil
}

func (p pick) matches(usageType, group string) bool {
	before, found := strings.CutSuffix(usageType, p.usageType)
	return found && (before == "" || prefix.MatchString(before)) && (p.group == "" || p.group == group)
}

// tiers are a SKU's prices in USD by quantity. What is free at first is left
// out, and the first price holds from 0: a bill here has no free tier.
func (o *offer) tiers(sku string) ([]Tier, error) {
	var tiers []Tier
	for _, term := range o.Terms.OnDemand[sku] {
		for _, d := range term.PriceDimensions {
			begin, err := strconv.ParseFloat(d.BeginRange, 64)
			if err != nil {
				return nil, fmt.Errorf("beginRange %q: %w", d.BeginRange, err)
			}
			usd, err := strconv.ParseFloat(d.PricePerUnit["USD"], 64)
			if err != nil || !(usd >= 0) {
				return nil, fmt.Errorf("price %q in USD", d.PricePerUnit["USD"])
			}
			if usd > 0 {
				tiers = append(tiers, Tier{begin, usd})
			}
		}
	}
	slices.SortFunc(tiers, func(a, b Tier) int { return int(a.From - b.From) })
	if len(tiers) > 0 {
		tiers[0].From = 0
	}
	return tiers, nil
}
