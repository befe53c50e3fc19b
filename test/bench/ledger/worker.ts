// A process of the benchmark: does what its parent asks for, and ends when its parent does.
import { type Asked, type Told } from './child.js';
import { type Tasks, tasks } from './tasks.js';

const able: Tasks = tasks();

process.once('disconnect', () => process.exit());
process.on('message', (asked: Asked) => {
  void (async () => (able[asked.task] as (order: unknown) => unknown)(asked.order))().then(
    (result) => tell({ result }),
    (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
tell({ result: undefined });

function tell(told: Told): void {
  process.send?.(told);
}
