terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 6.0" }
  }
}

variable "shards" {
  type    = number
  default = 1
}

variable "name" {
  type    = string
  default = "weir-test"
}

resource "aws_kinesis_stream" "test" {
  name        = var.name
  shard_count = var.shards
  stream_mode_details {
    stream_mode = "PROVISIONED"
  }
  tags = { purpose = "load-test" }
}

resource "aws_iam_role" "function" {
  name = "${var.name}-function"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "kinesis" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
}

resource "aws_lambda_function" "test" {
  function_name = "${var.name}-consumer"
  role          = aws_iam_role.function.arn
  filename      = "bootstrap.zip"
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  architectures = ["arm64"]
  memory_size   = 512
  timeout       = 30
}

resource "aws_lambda_event_source_mapping" "test" {
  event_source_arn  = aws_kinesis_stream.test.arn
  function_name     = aws_lambda_function.test.arn
  starting_position = "LATEST"
  batch_size        = 100
  metrics_config {
    metrics = ["EventCount"]
  }
}

output "stream" {
  value = aws_kinesis_stream.test.name
}

output "function" {
  value = aws_lambda_function.test.function_name
}
