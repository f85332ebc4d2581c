import { temporaryDatabase } from '../support/embedded-database.ts';
import { storeContract } from './store-contract.ts';

storeContract('the embedded store', temporaryDatabase, { programs: 150 });
