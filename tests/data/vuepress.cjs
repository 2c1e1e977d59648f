// Renders Markdown as VuePress 1.9 with the theme vdoing does: node vuepress.cjs FOLDER_WITH_NODE_MODULES FILE...
// The template of a page is all that VuePress compiles of its Markdown, so equal templates are equal pages.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const [folder, ...paths] = process.argv.slice(2);
const load = createRequire(join(folder, "index.js"));
const container = load("vuepress-plugin-container");
const { parseFrontmatter } = load("@vuepress/shared-utils");

const context = { sourceDir: folder, themeConfig: {}, siteConfig: {}, pages: [] };
const plugins = load("vuepress-theme-vdoing")({ sidebar: [] }, context).plugins;
const extensions = plugins.filter(([name]) => name === "container").map(([, options]) => container(options));
const markdown = load("@vuepress/markdown")({
  afterInstantiate: (instance) => extensions.forEach((each) => each.extendMarkdown(instance)),
});

const pages = paths.map((path) => {
  const { data, content } = parseFrontmatter(readFileSync(path, "utf-8"));
  return { matter: data, html: markdown.render(content, { relativePath: "page.md" }).html };
});
process.stdout.write(JSON.stringify({ containers: extensions.length, pages }));
