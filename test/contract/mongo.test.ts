import { describe, test } from 'vitest';
import { temporaryMongoDatabase, testMongoUri } from '../support/mongo.ts';
import { storeContract } from './store-contract.ts';

if (testMongoUri() === null)
  describe('MongoDB keeps the contract of a store', () => {
    test.skip('not run: no replica set (TEST_MONGODB_URI, MONGOD_PATH, mongod on the PATH)', () => undefined);
  });
else storeContract('MongoDB', temporaryMongoDatabase, { programs: 40 });
