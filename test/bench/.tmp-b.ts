import { synthesisBenchmark } from './synthesis';
void synthesisBenchmark().then((f) => console.log(f));
