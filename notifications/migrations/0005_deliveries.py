from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0004_texting_consent'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('state__in', ('undelivered', 'failed', 'expired', 'unknown'))), fields=['practice', '-id'], name='message_wrong'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('channel__in', ('sms', 'voice'))), fields=['practice', 'channel', '-id'], name='message_by_phone'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('notice', 'code'), _negated=True), fields=['practice', 'notice', '-id'], name='message_by_notice'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['practice', 'to', '-id'], name='message_to'),
        ),
    ]
