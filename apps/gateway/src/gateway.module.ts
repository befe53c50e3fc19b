import { type DynamicModule, Module } from '@nestjs/common';
import { Gateway } from './gateway.js';
import { AgenciesController } from './routes/agencies.controller.js';
import { ConsentsController } from './routes/consents.controller.js';
import { DisclosuresController } from './routes/disclosures.controller.js';
import { FactsController } from './routes/facts.controller.js';
import { HandlesController } from './routes/handles.controller.js';
import { LedgerController } from './routes/ledger.controller.js';
import { LinksController } from './routes/links.controller.js';
import { QuestionsController } from './routes/questions.controller.js';
import { RecipientKeysController } from './routes/recipient-keys.controller.js';
import { WithdrawalsController } from './routes/withdrawals.controller.js';

/** The routes of one gateway. Everything that they stand on was joined before, in `start-gateway`. */
@Module({})
export class GatewayModule {
  static on(gateway: Gateway): DynamicModule {
    return {
      module: GatewayModule,
      providers: [{ provide: Gateway, useValue: gateway }],
      controllers: [
        AgenciesController,
        ConsentsController,
        DisclosuresController,
        FactsController,
        HandlesController,
        LedgerController,
        LinksController,
        QuestionsController,
        RecipientKeysController,
        WithdrawalsController,
      ],
    };
  }
}
