import { App } from 'aws-cdk-lib';
import { slipwayApp } from './app.ts';

slipwayApp(new App());
