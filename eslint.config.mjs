import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Requires `@default` in the documentation of every optional property of an exported interface whose name ends with `Props`. */
const documentedDefaults = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { missing: 'Say in an @default tag what happens when {{interface}}.{{property}} is left out.' },
  },
  create: (context) => ({
    'ExportNamedDeclaration > TSInterfaceDeclaration[id.name=/Props$/] > TSInterfaceBody > TSPropertySignature[optional=true]'(node) {
      const comments = context.sourceCode.getCommentsBefore(node);
      const documentation = comments.filter((comment) => comment.type === 'Block' && comment.value.startsWith('*')).at(-1);
      if (documentation && /@default\s+\S/.test(documentation.value)) return;
      const data = { interface: node.parent.parent.id.name, property: context.sourceCode.getText(node.key) };
      context.report({ node, messageId: 'missing', data });
    },
  }),
};

const maxLines = (max) => ['error', { max, skipBlankLines: false, skipComments: false }];

const noOnly = {
  selector: 'CallExpression MemberExpression[object.name=/^(describe|it|test|suite)$/][property.name="only"]',
  message: 'A test run must run every test.',
};

const noExit = {
  object: 'process',
  property: 'exit',
  message: 'Only the command line ends the process: elsewhere, throw, or set process.exitCode.',
};

const noRawSynth = ['synth', 'fullSynth', 'synthScope', 'synthHcl'].map((property) => ({
  object: 'Testing',
  property,
  message: 'It skips validations and error annotations. Use test/support/synth.ts.',
}));

export default tseslint.config(
  { ignores: ['**/dist/', '**/cdktf.out/', '**/.gen/', '**/.tenantry/', '**/coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.{js,cjs,mjs,mts}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', module: 'writable', setTimeout: 'readonly' } },
  },
  { files: ['**/*.mts'], extends: [...tseslint.configs.recommended] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { tenantry: { rules: { 'documented-defaults': documentedDefaults } } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/require-array-sort-compare': 'error',
      '@typescript-eslint/restrict-plus-operands': 'error',
      // What reads well in a sentence: text, numbers, and the values of ours that print themselves.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNever: true, allow: [{ from: 'file', name: 'Duration' }, { from: 'file', name: 'Size' }] },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'max-lines': maxLines(400),
      'no-console': 'off',
      'no-restricted-properties': ['error', noExit, ...noRawSynth],
      'no-restricted-syntax': ['error', noOnly],
      'prefer-const': 'error',
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: { 'no-console': 'error', 'tenantry/documented-defaults': 'error' },
  },
  {
    files: ['lib/cli/**/*.ts'],
    rules: { 'no-console': 'off', 'no-restricted-properties': ['error', ...noRawSynth] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': maxLines(500),
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['test/support/synth.ts'],
    rules: { 'no-restricted-properties': ['error', noExit] },
  },
);
