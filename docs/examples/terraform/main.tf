# Consumes a deployment from Terraform: your service may send orders and call the API, and a queue of yours gets every
# result. The deployment itself stays a CloudFormation stack (npm run deploy); its outputs are read, nothing is copied.

variable "stage" {
  type    = string
  default = "prod"
}

# The role of the service that sends timed-out payments.
variable "sender_role_name" {
  type = string
}

data "aws_cloudformation_stack" "reversal" {
  name = "wechatpay-reversal-${var.stage}"
}

data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  outputs   = data.aws_cloudformation_stack.reversal.outputs
  arn_parts = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  api_id    = regex("https://([^.]+)\\.", local.outputs["HttpApiUrl"])[0]
}

# Whoever may send an order may return the money of every merchant of this deployment: give it to the till's back end alone.
resource "aws_iam_role_policy" "send_orders" {
  name = "reverse-wechat-pay-orders"
  role = var.sender_role_name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = "arn:${data.aws_partition.current.partition}:sqs:${local.arn_parts}:wechatpay-reversal-${var.stage}"
      },
      {
        Effect   = "Allow"
        Action   = "execute-api:Invoke"
        Resource = "arn:${data.aws_partition.current.partition}:execute-api:${local.arn_parts}:${local.api_id}/*"
      },
    ]
  })
}

# What became of the queue's orders, for your own ledger.
resource "aws_sqs_queue" "results" {
  name                    = "wechatpay-reversal-results-${var.stage}"
  sqs_managed_sse_enabled = true # evidence may hold a customer's openid
}

resource "aws_cloudwatch_event_rule" "results" {
  name           = "wechatpay-reversal-results-${var.stage}"
  event_bus_name = local.outputs["EventBusName"]
  event_pattern = jsonencode({
    source        = ["wechatpay.reversal"]
    "detail-type" = ["Reversal Completed", "Reversal Failed", "Reversal Settled"]
  })
}

resource "aws_cloudwatch_event_target" "results" {
  rule           = aws_cloudwatch_event_rule.results.name
  event_bus_name = local.outputs["EventBusName"]
  arn            = aws_sqs_queue.results.arn
}

resource "aws_sqs_queue_policy" "results" {
  queue_url = aws_sqs_queue.results.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.results.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.results.arn } }
    }]
  })
}
