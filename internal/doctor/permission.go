package doctor

// Answer is whether something is allowed.
type Answer string

// Answers.
const (
	Allowed Answer = "allowed"
	Denied  Answer = "denied"
	Unsure  Answer = "unknown"
)

// Permission is one action of IAM and whether the caller has it.
type Permission struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	For      string `json:"for"` // "put records": completes "weir needs it to"
	Allowed  Answer `json:"allowed"`
	How      string `json:"how"` // "simulated", "tried", or why it isn't known
}

// Use is what weir is to be allowed to do.
type Use string

// Uses, each a statement of the policy.
const (
	UseRun   Use = "run"   // weir run, report, doctor
	UseWatch Use = "watch" // weir dashboard and alarms
	UseEnv   Use = "env"   // weir env
)

// Uses are all of them, in the order of a user's first day.
var Uses = []Use{UseRun, UseWatch, UseEnv}

// Scope names what the permissions are about. Region and Account may be "*".
type Scope struct {
	Partition, Region, Account string
	Stream, Function           string
	Stack                      string // of weir env
}

// need is one row of what weir calls.
type need struct {
	use      Use
	resource func(Scope) string
	actions  []string
	purpose  string
}

func (s Scope) arn(service, rest string) string {
	return "arn:" + s.Partition + ":" + service + ":" + s.Region + ":" + s.Account + ":" + rest
}

func anything(Scope) string { return "*" }

func streamARN(s Scope) string   { return s.arn("kinesis", "stream/"+s.Stream) }
func functionARN(s Scope) string { return s.arn("lambda", "function:"+s.Function) }
func mappingARN(s Scope) string  { return s.arn("lambda", "event-source-mapping:*") }
func logARN(s Scope) string      { return s.arn("logs", "log-group:/aws/lambda/"+s.Function+":*") }

// needs are the actions that weir calls, by use. Which resource types an action
// takes: service-authorization/latest/reference, list_amazonkinesisdatastreams,
// list_awslambda, list_amazoncloudwatch, list_amazoncloudwatchlogs,
// list_awscloudformation, list_amazonsqs and list_awsidentityandaccessmanagementiam,
// 2026-11-22. GetCallerIdentity needs none.
var needs = []need{
	{UseRun, streamARN, []string{"kinesis:PutRecord", "kinesis:PutRecords"}, "put records"},
	{UseRun, streamARN, []string{"kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:ListTagsForStream"}, "see the stream and its shards"},
	{UseRun, streamARN, []string{"kinesis:GetShardIterator", "kinesis:GetRecords"}, "read records back where the account can't be closed otherwise"},
	{UseRun, functionARN, []string{"lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"}, "see the function"},
	{UseRun, mappingARN, []string{"lambda:GetEventSourceMapping"}, "see the event source mapping"},
	{UseRun, anything, []string{"lambda:ListEventSourceMappings", "lambda:GetAccountSettings", "kinesis:DescribeLimits"}, "find the mapping and the quotas"},
	{UseRun, anything, []string{"cloudwatch:GetMetricData"}, "read metrics"},
	{UseRun, logARN, []string{"logs:FilterLogEvents"}, "read the probe's lines"},
	{UseRun, anything, []string{"logs:DescribeLogGroups"}, "see how long logs are kept"},

	{UseWatch, func(s Scope) string { return "arn:" + s.Partition + ":cloudwatch::" + s.Account + ":dashboard/weir-*" }, []string{"cloudwatch:GetDashboard", "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"}, "make the dashboard"},
	{UseWatch, func(s Scope) string { return s.arn("cloudwatch", "alarm:weir-*") }, []string{"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"}, "make the alarms"},

	{UseEnv, func(s Scope) string { return s.arn("cloudformation", "stack/"+s.Stack+"/*") }, []string{"cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:DeleteStack", "cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents", "cloudformation:ListStackResources"}, "make, change and delete the stack"},
	{UseEnv, func(s Scope) string { return s.arn("kinesis", "stream/"+s.Stack) }, []string{"kinesis:CreateStream", "kinesis:DeleteStream", "kinesis:DescribeStreamSummary", "kinesis:AddTagsToStream", "kinesis:RemoveTagsFromStream", "kinesis:ListTagsForStream", "kinesis:TagResource", "kinesis:UntagResource", "kinesis:ListTagsForResource", "kinesis:UpdateShardCount", "kinesis:UpdateStreamMode", "kinesis:IncreaseStreamRetentionPeriod", "kinesis:DecreaseStreamRetentionPeriod", "kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"}, "make the test stream"},
	{UseEnv, func(s Scope) string { return s.arn("lambda", "function:"+s.Stack+"-probe") }, []string{"lambda:CreateFunction", "lambda:DeleteFunction", "lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:TagResource", "lambda:UntagResource", "lambda:ListTags"}, "make the probe function"},
	{UseEnv, mappingARN, []string{"lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:GetEventSourceMapping", "lambda:TagResource", "lambda:ListTags"}, "make the mapping"},
	{UseEnv, func(s Scope) string { return "arn:" + s.Partition + ":iam::" + s.Account + ":role/" + s.Stack + "-*" }, []string{"iam:CreateRole", "iam:DeleteRole", "iam:GetRole", "iam:PassRole", "iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole"}, "make the function's role"},
	{UseEnv, func(s Scope) string { return s.arn("sqs", s.Stack+"-dead-letters") }, []string{"sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue", "sqs:ListQueueTags"}, "make the dead-letter queue"},
	{UseEnv, func(s Scope) string { return s.arn("logs", "log-group:/aws/lambda/"+s.Stack+"-probe*") }, []string{"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy", "logs:TagResource", "logs:UntagResource", "logs:ListTagsForResource"}, "make the log group"},
	{UseEnv, anything, []string{"logs:DescribeLogGroups"}, "see that nothing is left"},
	{UseEnv, func(s Scope) string { return s.arn("cloudwatch", "alarm:"+s.Stack+"-*") }, []string{"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:TagResource", "cloudwatch:UntagResource", "cloudwatch:ListTagsForResource"}, "make the alarms"},
	{UseEnv, func(s Scope) string {
		return "arn:" + s.Partition + ":cloudwatch::" + s.Account + ":dashboard/" + s.Stack
	}, []string{"cloudwatch:GetDashboard", "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"}, "make the dashboard"},
}

// Needed are the permissions of a use, not asked about yet.
func Needed(use Use, s Scope) []Permission {
	var all []Permission
	for _, n := range needs {
		if n.use != use {
			continue
		}
		for _, action := range n.actions {
			all = append(all, Permission{Action: action, Resource: n.resource(s), For: n.purpose, Allowed: Unsure})
		}
	}
	return all
}
