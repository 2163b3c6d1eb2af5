/**
 * Small faults for a source file, one at a time: another operator, a number next to it, a condition turned
 * round or decided, a statement that is missing. For AssemblyScript, which Stryker does not read.
 *
 * @module
 */
import ts from 'typescript';

export interface Mutant {
  readonly line: number;
  /** What stood there and what stands there now. */
  readonly change: string;
  readonly source: string;
}

const swaps: Readonly<Partial<Record<ts.SyntaxKind, readonly string[]>>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: ['!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: ['==='],
  [ts.SyntaxKind.LessThanToken]: ['<=', '>='],
  [ts.SyntaxKind.LessThanEqualsToken]: ['<', '>'],
  [ts.SyntaxKind.GreaterThanToken]: ['>=', '<='],
  [ts.SyntaxKind.GreaterThanEqualsToken]: ['>', '<'],
  [ts.SyntaxKind.AmpersandAmpersandToken]: ['||'],
  [ts.SyntaxKind.BarBarToken]: ['&&'],
  [ts.SyntaxKind.PlusToken]: ['-'],
  [ts.SyntaxKind.MinusToken]: ['+'],
  [ts.SyntaxKind.AmpersandToken]: ['|'],
  [ts.SyntaxKind.BarToken]: ['&'],
  [ts.SyntaxKind.LessThanLessThanToken]: ['>>'],
  [ts.SyntaxKind.PlusEqualsToken]: ['-='],
  [ts.SyntaxKind.MinusEqualsToken]: ['+='],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken]: ['<<='],
};

/** Every mutant of `source`, in the order of the places. */
export function mutantsOf(source: string): Mutant[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const add = (node: ts.Node, replacement: string): void => {
    const start = node.getStart();
    mutants.push({
      line: file.getLineAndCharacterOfPosition(start).line + 1,
      change: `${oneLine(node.getText())} → ${replacement === '' ? 'nothing' : oneLine(replacement)}`,
      source: source.slice(0, start) + replacement + source.slice(node.end),
    });
  };
  const visit = (node: ts.Node): void => {
    mutate(node, add);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

type Add = (node: ts.Node, replacement: string) => void;

function mutate(node: ts.Node, add: Add): void {
  if (ts.isBinaryExpression(node)) {
    for (const swap of swaps[node.operatorToken.kind] ?? []) {
      add(node, `${node.left.getText()} ${swap} ${node.right.getText()}`);
    }
  } else if (ts.isNumericLiteral(node)) {
    const value = Number(node.text);
    add(node, String(value + 1));
    if (value > 0) add(node, String(value - 1));
  } else if (ts.isPrefixUnaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.ExclamationToken) add(node, node.operand.getText());
    if (node.operator === ts.SyntaxKind.TildeToken) add(node, node.operand.getText());
  } else if (ts.isConditionalExpression(node)) {
    add(node, `${node.condition.getText()} ? ${node.whenFalse.getText()} : ${node.whenTrue.getText()}`);
  } else if (ts.isIfStatement(node)) {
    add(node.expression, `!(${node.expression.getText()})`);
    add(node.expression, 'true');
    add(node.expression, 'false');
  } else if (ts.isExpressionStatement(node)) {
    add(node, '{}');
  } else if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) {
    add(node, '{}');
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 70 ? line : `${line.slice(0, 67)}…`;
}
