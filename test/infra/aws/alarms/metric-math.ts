// CloudWatch's metric math, as far as our alarms use it
// (official: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
import jsep from 'jsep'

/** A value of one period; undefined: it is missing. */
export type Value = number | undefined

jsep.addBinaryOp('AND', 2)

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
}

/**
 * The value of an expression in one period. What is made of a missing value is missing, but for FILL.
 *
 * @throws Error on what is not known here: an alarm that uses more has to teach it
 */
export function evaluate(expression: string, ofMetric: (id: string) => Value): Value {
  const value = (node: jsep.Expression): Value => {
    if (is<jsep.Literal>(node, 'Literal')) return Number(node.value)
    if (is<jsep.Identifier>(node, 'Identifier')) return ofMetric(node.name)
    if (is<jsep.BinaryExpression>(node, 'BinaryExpression')) {
      const [a, b, operator] = [value(node.left), value(node.right), OPERATORS[node.operator]]
      if (operator === undefined) throw new Error(`${expression}: ${node.operator} is not known here`)
      return a === undefined || b === undefined ? undefined : operator(a, b)
    }
    if (is<jsep.CallExpression>(node, 'CallExpression')) {
      const [a, b, c] = node.arguments as [jsep.Expression, jsep.Expression, jsep.Expression?]
      const { name } = node.callee as jsep.Identifier
      if (name === 'FILL') return value(a) ?? value(b)
      if (name === 'IF' && c !== undefined) {
        const condition = value(a)
        return condition === undefined ? undefined : value(condition === 0 ? c : b)
      }
    }
    throw new Error(`${expression}: a ${node.type} is not known here`)
  }
  return value(parsed(expression))
}

const trees = new Map<string, jsep.Expression>()

/** Each is read once, and evaluated for every minute of a night. */
function parsed(expression: string): jsep.Expression {
  const tree = trees.get(expression) ?? jsep(expression)
  trees.set(expression, tree)
  return tree
}

const is = <Node extends jsep.Expression>(node: jsep.Expression, type: Node['type']): node is Node => node.type === type
