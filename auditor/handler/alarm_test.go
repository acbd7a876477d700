package handler_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler/emf"
)

// logged are the metrics that the functions log, which alarms and dashboard may
// be about.
var loggedMetrics = []string{
	emf.ChangesWithoutEvent, emf.CompleteSweeps, emf.Findings, emf.IncompleteSweeps, emf.NotEvaluated,
	emf.OldestPendingSeconds, emf.PendingEdges, emf.PoliciesRead, emf.PublishLagSeconds,
}

// alarms returns the properties of the template's alarms.
func alarms(t *testing.T, resources map[string]*resource) map[string]map[string]any {
	t.Helper()
	all := make(map[string]map[string]any)
	for name, resource := range resources {
		if resource.Type == "AWS::CloudWatch::Alarm" {
			all[name] = resource.Properties
		}
	}
	return all
}

// Each alarm is about one thing that exists, tells the topic, and says what it
// means.
func TestAlarmsWatchWhatThereIs(t *testing.T) {
	resources := deployed(t, mainTemplate)
	watched := make(map[string][]string)
	for name, alarm := range alarms(t, resources) {
		metric := alarm["MetricName"].(string)
		dimension := alarm["Dimensions"].([]any)[0].(map[string]any)
		on := dimension["Value"].(string)
		switch namespace := alarm["Namespace"]; {
		case namespace == emf.Namespace && slices.Contains(loggedMetrics, metric) && dimension["Name"] == "Stack":
			on = "stack"
		case namespace == "AWS/SQS" && dimension["Name"] == "QueueName" && resources[on].Type == "AWS::SQS::Queue":
		case namespace == "AWS/Lambda" && dimension["Name"] == "FunctionName" && resources[on].Type == "AWS::Serverless::Function":
		default:
			t.Errorf("alarm %s is about nothing that there is: %v", name, alarm)
		}
		watched[metric] = append(watched[metric], on)
		if text, _ := alarm["AlarmDescription"].(string); len(text) < 40 {
			t.Errorf("alarm %s does not say what it means: %q", name, text)
		}
		if actions := alarm["AlarmActions"].([]any); len(actions) != 1 || !strings.HasSuffix(actions[0].(string), ":Alerts") {
			t.Errorf("alarm %s tells %v", name, actions)
		}
		// Nothing logged is no alarm, but where silence is the attack.
		want := "notBreaching"
		if metric == emf.CompleteSweeps {
			want = "breaching"
		}
		if alarm["TreatMissingData"] != want {
			t.Errorf("alarm %s: missing data is %v", name, alarm["TreatMissingData"])
		}
	}
	for _, on := range watched {
		slices.Sort(on)
	}
	want := map[string][]string{
		"ApproximateNumberOfMessagesVisible": {"AlertDeadLetters", "ChangeDeadLetters", "DispatchDeadLetters", "SweepDeadLetters"},
		"ApproximateAgeOfOldestMessage":      {"ChangeQueue", "SweepQueue"},
		"Errors":                             {"ChangeFunction", "DispatchFunction", "ScanFunction"},
		emf.CompleteSweeps:                   {"stack"}, emf.IncompleteSweeps: {"stack"},
		emf.OldestPendingSeconds: {"stack"}, emf.ChangesWithoutEvent: {"stack"},
	}
	if diff := cmp.Diff(want, watched); diff != "" {
		t.Error(diff)
	}
}

// A day without a complete sweep, and two hours in which it may be late, set off
// an alarm. CloudWatch looks back over at most a day in shorter periods, and a
// week in those of an hour and more.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
func TestSilenceIsAnAlarm(t *testing.T) {
	alarm := alarms(t, deployed(t, mainTemplate))["NoCompleteSweepAlarm"]
	if alarm["Period"] != 3600 || alarm["EvaluationPeriods"] != "26" || alarm["DatapointsToAlarm"] != nil ||
		alarm["Statistic"] != "Sum" || alarm["Threshold"] != 1 || alarm["ComparisonOperator"] != "LessThanThreshold" {
		t.Errorf("alarm: %v", alarm)
	}
}

type dashboard struct {
	Widgets []struct {
		Type                string
		X, Y, Width, Height int
		Properties          struct {
			Title, Region, Query string
			Alarms               []string
			Metrics              [][]any
		}
	}
}

// The dashboard shows every alarm, every figure that the functions log and every
// queue, of this stack and nothing that is not there.
func TestDashboardShowsEverything(t *testing.T) {
	resources := deployed(t, mainTemplate)
	var board dashboard
	if err := json.Unmarshal([]byte(resources["Dashboard"].Properties["DashboardBody"].(string)), &board); err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]bool)
	var cells [64][24]bool
	for _, w := range board.Widgets {
		if w.Properties.Title == "" || w.Type != "alarm" && w.Properties.Region != "us-east-1" {
			t.Errorf("widget without title or Region: %+v", w)
		}
		for y := w.Y; y < w.Y+w.Height; y++ {
			for x := w.X; x < w.X+w.Width; x++ {
				if cells[y][x] {
					t.Fatalf("widget %q lies on another", w.Properties.Title)
				}
				cells[y][x] = true
			}
		}
		for _, arn := range w.Properties.Alarms {
			shown[arn[strings.LastIndex(arn, ":")+1:]] = true
		}
		for _, metric := range w.Properties.Metrics {
			name, dimension, value := metric[1].(string), metric[2].(string), metric[3].(string)
			switch {
			case metric[0] == emf.Namespace && slices.Contains(loggedMetrics, name) && dimension == "Stack":
				shown[name] = true
			case metric[0] == "AWS/SQS" && dimension == "QueueName" || metric[0] == "AWS/Lambda" && dimension == "FunctionName":
				shown[value] = true
			default:
				t.Errorf("widget %q shows %v", w.Properties.Title, metric)
			}
		}
		for _, part := range strings.Split(w.Properties.Query, "'") {
			if strings.HasSuffix(part, "Logs") {
				shown[part] = true
			}
		}
	}
	want := make(map[string]bool)
	for _, name := range loggedMetrics {
		want[name] = true
	}
	for name, resource := range resources {
		switch resource.Type {
		case "AWS::CloudWatch::Alarm", "AWS::SQS::Queue", "AWS::Serverless::Function", "AWS::Logs::LogGroup":
			want[name] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(shown))); diff != "" {
		t.Errorf("(-there is +shown)\n%s", diff)
	}
}
