import '@fontsource/fraunces/latin-500.css';
import '@fontsource/fraunces/latin-600.css';
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import HomeHero from './HomeHero.vue';
import MaskPicture from './MaskPicture.vue';
import ModelFile from './ModelFile.vue';
import PassGrid from './PassGrid.vue';
import RecipeTable from './RecipeTable.vue';
import SizeLadder from './SizeLadder.vue';
import ThreeFacts from './ThreeFacts.vue';
import './colours.css';
import './home.css';
import './reading.css';

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    for (const [name, component] of Object.entries({
      HomeHero,
      MaskPicture,
      ModelFile,
      PassGrid,
      RecipeTable,
      SizeLadder,
      ThreeFacts,
    }))
      app.component(name, component);
  },
};

// The default export is how vitepress finds a theme.
export default theme;
