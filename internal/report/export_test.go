package report

// RealisticRun is for tests from outside the package.
var RealisticRun = realisticRun

// LongBrief is the fullest page for those who decide.
func LongBrief() Document { return BriefDocument(awsBrief()) }

// SmallWeek is a week's document with a ribbon.
func SmallWeek() Document {
	return WeekDocument(smallCampaign(), Week{1, "Baseline", "baseline performance report"}, nil)
}
