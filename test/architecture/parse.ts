import ts from 'typescript';

export interface Import {
  readonly line: number;
  /** As written; undefined where it is computed, so that no reader can know it. */
  readonly from: string | undefined;
  /** Names taken, `default` and `*` included; none for an import made for its effect. */
  readonly names: readonly string[];
}

export interface Use {
  readonly line: number;
  readonly name: string;
}

export interface Source {
  readonly imports: readonly Import[];
  /** Values used that the file does not declare itself, and `object.member` of such objects. */
  readonly uses: readonly Use[];
  /** Places where an HTTP status is chosen. */
  readonly statuses: readonly Use[];
}

/** Parses one TypeScript file into what the picture speaks about. */
export function parse(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const uses: Use[] = [];
  const statuses: Use[] = [];
  const declared = namesDeclaredIn(file);
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;

  const visit = (node: ts.Node): void => {
    const found = importIn(node);
    if (found !== undefined) imports.push({ line: lineOf(node), ...found });
    const used = valueIn(node, declared);
    if (used !== undefined) uses.push({ line: lineOf(node), name: used });
    const status = statusIn(node);
    if (status !== undefined) statuses.push({ line: lineOf(node), name: status });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, uses, statuses };
}

function importIn(node: ts.Node): Omit<Import, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) return { from: textOf(node.moduleSpecifier), names: namesTaken(node) };
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const names =
      node.exportClause !== undefined && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : [];
    return { from: textOf(node.moduleSpecifier), names: names.map((name) => (name.propertyName ?? name.name).text) };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference))
    return { from: textOf(node.moduleReference.expression), names: ['*'] };
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { from: textOf(node.argument.literal), names: [] };
  if (!ts.isCallExpression(node)) return undefined;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  if (node.expression.kind !== ts.SyntaxKind.ImportKeyword && !isRequire) return undefined;
  const [specifier] = node.arguments;
  return { from: specifier === undefined ? undefined : textOf(specifier), names: ['*'] };
}

function textOf(node: ts.Node): string | undefined {
  return ts.isStringLiteralLike(node) ? node.text : undefined;
}

function namesTaken({ importClause }: ts.ImportDeclaration): readonly string[] {
  if (importClause === undefined) return [];
  const { name, namedBindings } = importClause;
  const first = name === undefined ? [] : ['default'];
  if (namedBindings === undefined) return first;
  if (ts.isNamespaceImport(namedBindings)) return [...first, '*'];
  return [...first, ...namedBindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}

/** Every name the file binds, at any depth: such a name does not mean the global of that name. */
function namesDeclaredIn(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const isBinding =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node) ||
      ts.isNamespaceImport(node);
    if (isBinding && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

function valueIn(node: ts.Node, declared: ReadonlySet<string>): string | undefined {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Date')
    return node.arguments === undefined || node.arguments.length === 0 ? 'new Date()' : undefined;
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Date') return 'Date()';
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && !declared.has(node.expression.text))
    return `${node.expression.text}.${node.name.text}`;
  if (ts.isElementAccessExpression(node) && ts.isIdentifier(node.expression) && !declared.has(node.expression.text)) {
    const member = textOf(node.argumentExpression);
    return member === undefined ? undefined : `${node.expression.text}.${member}`;
  }
  return ts.isIdentifier(node) && isValue(node) && !declared.has(node.text) ? node.text : undefined;
}

/** Whether a name stands for a value here, rather than for a member, a key, a label or a type. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent))
    return parent.getChildAt(0) === node && !inType(node);
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isPropertySignature(parent) || ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent)) return false;
  if (ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return !inType(node);
}

function inType(node: ts.Node): boolean {
  for (let at: ts.Node = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isTypeNode(at) && !ts.isExpressionWithTypeArguments(at)) return true;
    if (ts.isStatement(at)) return false;
  }
  return false;
}

const STATUS_CALLS = new Set(['status', 'code', 'sendStatus', 'writeHead']);
const STATUS_KEYS = new Set(['status', 'statusCode']);

function statusIn(node: ts.Node): string | undefined {
  if (ts.isImportSpecifier(node)) {
    const { text } = node.propertyName ?? node.name;
    const { moduleSpecifier } = node.parent.parent.parent;
    const fromNest = textOf(moduleSpecifier)?.startsWith('@nestjs/') === true;
    return fromNest && /^Http(Code|Status|Exception)$|Exception$/.test(text) ? text : undefined;
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const [first] = node.arguments;
    const { text } = node.expression.name;
    return STATUS_CALLS.has(text) && isStatus(first) ? `${text}(${first.text})` : undefined;
  }
  if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && STATUS_KEYS.has(node.name.text))
    return isStatus(node.initializer) ? `${node.name.text}: ${node.initializer.text}` : undefined;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const { left, right } = node;
    if (!ts.isPropertyAccessExpression(left) || !STATUS_KEYS.has(left.name.text)) return undefined;
    return isStatus(right) ? `${left.name.text} = ${right.text}` : undefined;
  }
  return undefined;
}

function isStatus(node: ts.Node | undefined): node is ts.NumericLiteral {
  return node !== undefined && ts.isNumericLiteral(node) && /^[1-5]\d\d$/.test(node.text);
}
