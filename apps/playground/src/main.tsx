import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/digit.css';
import './style/chart.css';
import './style/model.css';
import './style/pipeline.css';
import './style/code.css';
import { App } from './shell/app.js';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
