# or"${ders} for 100/s, recommended from run a-run.
# The function is not made here; it needs memory_size 512, timeout 3, reserved_concurrent_executions -1
# and sqs:SendMessage on the queue in its role.
variable "function_name" {
  type = string
  default = "consumer"
}
resource "aws_kinesis_stream" "stream" {
  name = "or\"$${ders}"
  retention_period = 24
  shard_count = 1
  stream_mode_details {
    stream_mode = "PROVISIONED"
  }
}
resource "aws_kinesis_stream_consumer" "consumer" {
  name = "or\"$${ders}-consumer"
  stream_arn = aws_kinesis_stream.stream.arn
}
resource "aws_sqs_queue" "on_failure" {
  message_retention_seconds = 1209600
}
resource "aws_lambda_event_source_mapping" "mapping" {
  event_source_arn = aws_kinesis_stream_consumer.consumer.arn
  function_name = var.function_name
  starting_position = "TRIM_HORIZON"
  batch_size = 100
  maximum_batching_window_in_seconds = 0
  parallelization_factor = 1
  maximum_retry_attempts = 2
  maximum_record_age_in_seconds = 43200
  bisect_batch_on_function_error = true
  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.on_failure.arn
    }
  }
  metrics_config {
    metrics = ["EventCount"]
  }
}
resource "aws_cloudwatch_metric_alarm" "weir_or___ders__iterator_age" {
  alarm_name = "weir-or\"$${ders}-iterator-age"
  alarm_description = "GetRecords.IteratorAgeMilliseconds (K1): says how far the consumer is behind the stream; a rising age means records arrive faster than they are processed. What to do: see whether the function is slow (L1), failing (L2) or throttled (L3); else raise ParallelizationFactor or BatchSize, then add shards."
  evaluation_periods = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold = 1000
  treat_missing_data = "missing"
  namespace = "AWS/Kinesis"
  metric_name = "GetRecords.IteratorAgeMilliseconds"
  period = 60
  statistic = "Maximum"
  dimensions = {
    StreamName = "or\"$${ders}"
  }
}
resource "aws_cloudwatch_metric_alarm" "weir_or___ders__duration" {
  alarm_name = "weir-or\"$${ders}-duration"
  alarm_description = "Duration (L1): a function near its timeout turns a slow moment into failed batches. What to do: profile the slowest batches; lower BatchSize, raise the memory (and with it the CPU), or raise the timeout."
  evaluation_periods = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold = 1500
  treat_missing_data = "missing"
  namespace = "AWS/Lambda"
  metric_name = "Duration"
  period = 60
  statistic = "Maximum"
  dimensions = {
    FunctionName = "consumer"
  }
}
resource "aws_cloudwatch_metric_alarm" "weir_or___ders__errors" {
  alarm_name = "weir-or\"$${ders}-errors"
  alarm_description = "Errors (L2): a failed batch blocks its shard until it succeeds or expires; partial failures the function reports are not errors. What to do: read the function's log; set ReportBatchItemFailures, BisectBatchOnFunctionError, a retry limit and an on-failure destination."
  evaluation_periods = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold = 0.1
  treat_missing_data = "notBreaching"
  metric_query {
    id = "errors"
    return_data = false
    metric {
      namespace = "AWS/Lambda"
      metric_name = "Errors"
      period = 60
      stat = "Sum"
      dimensions = {
        FunctionName = "consumer"
      }
    }
  }
  metric_query {
    id = "invocations"
    return_data = false
    metric {
      namespace = "AWS/Lambda"
      metric_name = "Invocations"
      period = 60
      stat = "Sum"
      dimensions = {
        FunctionName = "consumer"
      }
    }
  }
  metric_query {
    id = "result"
    return_data = true
    expression = "100*FILL(errors,0)/invocations"
    label = "errors, % of invocations"
  }
}
resource "aws_cloudwatch_metric_alarm" "weir_or___ders__throttles" {
  alarm_name = "weir-or\"$${ders}-throttles"
  alarm_description = "WriteProvisionedThroughputExceeded (K4): the stream has too few shards for the load, or the partition keys crowd on one of them. What to do: spread the partition keys, retry only the refused records with back-off, add shards or go on-demand.\nReadProvisionedThroughputExceeded (K5): consumers share 2 MiB/s and five calls a second of a shard; beyond that the function is fed late. What to do: give a second consumer enhanced fan-out, or let it read less often.\nThrottles (L3): in neither Invocations nor Errors; the mapping retries them and the iterator age grows. What to do: reserve concurrency of shards x ParallelizationFactor for the function, or have the account's limit raised."
  evaluation_periods = 5
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanThreshold"
  threshold = 0
  treat_missing_data = "notBreaching"
  metric_query {
    id = "writes"
    return_data = false
    metric {
      namespace = "AWS/Kinesis"
      metric_name = "WriteProvisionedThroughputExceeded"
      period = 60
      stat = "Sum"
      dimensions = {
        StreamName = "or\"$${ders}"
      }
    }
  }
  metric_query {
    id = "reads"
    return_data = false
    metric {
      namespace = "AWS/Kinesis"
      metric_name = "ReadProvisionedThroughputExceeded"
      period = 60
      stat = "Sum"
      dimensions = {
        StreamName = "or\"$${ders}"
      }
    }
  }
  metric_query {
    id = "throttles"
    return_data = false
    metric {
      namespace = "AWS/Lambda"
      metric_name = "Throttles"
      period = 60
      stat = "Sum"
      dimensions = {
        FunctionName = "consumer"
      }
    }
  }
  metric_query {
    id = "result"
    return_data = true
    expression = "FILL(writes,0)+FILL(reads,0)+FILL(throttles,0)"
    label = "throttles"
  }
}
resource "aws_cloudwatch_metric_alarm" "weir_or___ders__throughput_match" {
  alarm_name = "weir-or\"$${ders}-throughput-match"
  alarm_description = "Throughput match (E2): the mapping read what the stream took; above 1 where counts repeat. What to do: below 1 after the drain, look at K1 and the mapping's State; above 1, look at E6 for duplicates."
  evaluation_periods = 3
  datapoints_to_alarm = 2
  comparison_operator = "LessThanThreshold"
  threshold = 0.95
  treat_missing_data = "notBreaching"
  metric_query {
    id = "received"
    return_data = false
    metric {
      namespace = "KinesisLoadTest"
      metric_name = "RecordsReceived"
      period = 300
      stat = "Sum"
      dimensions = {
        StreamName = "or\"$${ders}"
        FunctionName = "consumer"
      }
    }
  }
  metric_query {
    id = "incoming"
    return_data = false
    metric {
      namespace = "AWS/Kinesis"
      metric_name = "IncomingRecords"
      period = 300
      stat = "Sum"
      dimensions = {
        StreamName = "or\"$${ders}"
      }
    }
  }
  metric_query {
    id = "result"
    return_data = true
    expression = "FILL(received,0)/incoming"
    label = "received / incoming"
  }
}
resource "aws_cloudwatch_metric_alarm" "weir_or___ders__record_latency" {
  alarm_name = "weir-or\"$${ders}-record-latency"
  alarm_description = "RecordProcessingLatency (E1): what a user of the pipeline waits; counted from due, so a stalled sender cannot hide it. What to do: compare with L6 and L1 to see whether records wait before the function or in it, and treat that one."
  evaluation_periods = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold = 500
  treat_missing_data = "missing"
  namespace = "KinesisLoadTest"
  metric_name = "RecordProcessingLatency"
  period = 60
  extended_statistic = "p99"
  dimensions = {
    StreamName = "or\"$${ders}"
    FunctionName = "consumer"
  }
}
