import { type DynamicModule, Module } from '@nestjs/common';
import { Gateway } from './gateway.js';
import { ConsentsController } from './routes/consents.controller.js';
import { DisclosuresController } from './routes/disclosures.controller.js';
import { HandlesController } from './routes/handles.controller.js';

/** The routes of one gateway. Everything that they stand on was joined before, in `start-gateway`. */
@Module({})
export class GatewayModule {
  static on(gateway: Gateway): DynamicModule {
    return {
      module: GatewayModule,
      providers: [{ provide: Gateway, useValue: gateway }],
      controllers: [ConsentsController, DisclosuresController, HandlesController],
    };
  }
}
