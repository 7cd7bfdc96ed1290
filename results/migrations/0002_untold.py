from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('results', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='untold',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('untold', True)), fields=['record'], name='report_to_tell'),
        ),
    ]
